// What the paper clip sends: a file of the visitor's, or a sample made here.

// Half a second of silence as a voice note (Ogg, Opus).
const VOICE =
  "T2dnUwACAAAAAAAAAABzYWhjAAAAAB/qgRIBE09wdXNIZWFkAQE4AYC7AAAAAABPZ2dTAAAAAAAAAAAAAHNhaGMBAAAAUHnxmwEX" +
  "T3B1c1RhZ3MHAAAAY2hhc3F1aQAAAABPZ2dTAATAXQAAAAAAAHNhaGMCAAAAf2gUjRkDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD" +
  "+P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/++P/+";

const OFFICE = {
  latitude: -12.1219,
  longitude: -77.0297,
  name: "Oficina de Miraflores",
  address: "Av. Larco 123, Lima",
};

// Sends the sample of this name with the phone.
export async function sample(what, phone) {
  if (what === "location") return phone.share("location", OFFICE);
  if (what === "voice") return phone.attach(new File([bytes(VOICE)], "nota.ogg", { type: "audio/ogg" }), "voice");
  if (what === "pdf") return phone.attach(pdf("Guia de la impresora"));
  return phone.attach(await photo());
}

// How WhatsApp would send a file of this type.
export function kindOf(type) {
  if (/^image\/(jpeg|png)$/.test(type)) return "image";
  const family = type.split("/")[0];
  return family === "video" || family === "audio" ? family : "document";
}

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// A picture of a screen that shows a failure.
async function photo() {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 480, height: 300 });
  const draw = canvas.getContext("2d");
  draw.fillStyle = "#0b3d91";
  draw.fillRect(0, 0, 480, 300);
  draw.fillStyle = "#ffffff";
  draw.font = "bold 64px sans-serif";
  draw.fillText(":(", 40, 110);
  draw.font = "22px sans-serif";
  draw.fillText("El equipo tuvo un problema", 40, 170);
  draw.fillText("Código: 0x0000007B", 40, 205);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new File([blob], "pantalla.png", { type: "image/png" });
}

// One page with one line; the offsets of its table are counted as it is written.
function pdf(line) {
  const page = `BT /F1 24 Tf 72 720 Td (${line}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${page.length} >>\nstream\n${page}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  text += `xref\n0 6\n0000000000 65535 f \n${places.join("")}`;
  text += `trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return new File([text], "guia-impresora.pdf", { type: "application/pdf" });
}
