//! What kind of file the bytes are, and whether it is taken.
//!
//! The bytes decide; what the person's phone called the file only tells office documents, which all
//! are ZIP or OLE containers, and plain texts from one another. Programs, scripts and pages are
//! taken under no name.

/// Bytes of the beginning that are looked at.
pub const HEAD: usize = 4_096;

/// Containers that begin like a ZIP file, as phones call them.
const ZIPPED: &[&str] = &[
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/zip",
];
/// Office documents of the older form.
const OLE: &[&str] = &[
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
];
const TEXTS: &[&str] = &["text/plain", "text/csv"];
/// What a text begins with that a browser or a shell would run.
const RUNNABLE: &[&str] = &[
    "#!",
    "<!doctype",
    "<html",
    "<script",
    "<svg",
    "<?xml",
    "<?php",
];

/// The media type of a file that is taken; `None` for one that is not.
pub fn of(declared: &str, head: &[u8]) -> Option<&'static str> {
    let declared = declared.split(';').next().unwrap_or_default().trim();
    let among = |kinds: &[&'static str]| kinds.iter().copied().find(|kind| *kind == declared);
    let at = |offset: usize, magic: &[u8]| head.get(offset..offset + magic.len()) == Some(magic);
    Some(match head {
        _ if at(0, b"\xff\xd8\xff") => "image/jpeg",
        _ if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        _ if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        _ if at(0, b"%PDF-") => "application/pdf",
        _ if at(4, b"ftyp3g") => "video/3gpp",
        _ if at(4, b"ftypM4A") => "audio/mp4",
        _ if at(4, b"ftyp") && declared.starts_with("audio/") => "audio/mp4",
        _ if at(4, b"ftyp") => "video/mp4",
        _ if at(0, b"OggS") => "audio/ogg",
        _ if at(0, b"#!AMR") => "audio/amr",
        _ if at(0, b"ID3") => "audio/mpeg",
        [0xff, 0xf1 | 0xf9, ..] => "audio/aac",
        [0xff, 0xf2 | 0xf3 | 0xfa | 0xfb, ..] => "audio/mpeg",
        _ if at(0, b"PK\x03\x04") => among(ZIPPED)?,
        _ if at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => among(OLE)?,
        _ if is_text(head) => among(TEXTS)?,
        _ => return None,
    })
}

/// Whether it reads as text that nothing would run.
fn is_text(head: &[u8]) -> bool {
    let printable = |byte: &u8| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r');
    let begins = head.trim_ascii_start();
    let begins = begins.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begins);
    let runs = RUNNABLE.iter().any(|start| {
        let begun = begins.get(..start.len());
        begun.is_some_and(|begun| begun.eq_ignore_ascii_case(start.as_bytes()))
    });
    !head.is_empty() && !runs && head.iter().all(printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    #[test]
    fn the_bytes_decide_and_not_the_name() {
        assert_eq!(of("image/png", b"\xff\xd8\xff\xe0rest"), Some("image/jpeg"));
        assert_eq!(of("", b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(
            of("audio/ogg; codecs=opus", b"OggS\0\x02"),
            Some("audio/ogg")
        );
        assert_eq!(of("video/mp4", b"\0\0\0\x18ftypmp42"), Some("video/mp4"));
        assert_eq!(of("audio/mp4", b"\0\0\0\x18ftypmp42"), Some("audio/mp4"));
        assert_eq!(
            of("application/pdf", b"%PDF-1.7\n"),
            Some("application/pdf")
        );
        assert_eq!(of(DOCX, b"PK\x03\x04\x14\0"), Some(DOCX));
        assert_eq!(of("text/csv", b"a;b\r\n1;2\r\n"), Some("text/csv"));
        assert_eq!(of("text/plain", "señal".as_bytes()), Some("text/plain"));
    }

    #[test]
    fn what_runs_is_taken_under_no_name() {
        for declared in ["image/jpeg", "application/pdf", "text/plain", DOCX, ""] {
            for bytes in [
                b"MZ\x90\0\x03".as_slice(),
                b"\x7fELF\x02\x01",
                b"#!/bin/sh\nrm -rf /\n",
                b"<!DOCTYPE html><script>",
                b"  <svg xmlns=\"x\" onload=\"y\">",
                b"\xef\xbb\xbf<html>",
                b"",
            ] {
                assert_eq!(of(declared, bytes), None, "{declared}: {bytes:?}");
            }
        }
        let apk = "application/vnd.android.package-archive";
        assert_eq!(of(apk, b"PK\x03\x04"), None);
        assert_eq!(
            of("application/x-msi", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            None
        );
    }
}
