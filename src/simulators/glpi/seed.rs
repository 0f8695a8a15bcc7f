//! What a fresh installation holds: stock users and profiles, request sources, document types,
//! and the small company of the demo.

use serde_json::{Map, Value, json};

use super::house::House;
use super::people::create_user;
use super::rights::{OBSERVER, SELF_SERVICE, SUPER_ADMIN, TECHNICIAN};
use super::schema::Kind;

const PROFILES: [(&str, &str); 9] = [
    ("Self-Service", "helpdesk"),
    ("Observer", "central"),
    ("Admin", "central"),
    ("Super-Admin", "central"),
    ("Hotliner", "central"),
    ("Technician", "central"),
    ("Supervisor", "central"),
    ("Read-Only", "central"),
    ("Connector", "central"),
];

const REQUEST_TYPES: [&str; 6] = ["Helpdesk", "E-Mail", "Phone", "Direct", "Written", "Other"];

const UPLOADABLE: &str = "ai aiff asf avi bmp bz2 c csv deb djvu doc docx dvi eps gif gz h html \
    jpeg jpg mid mng mov mp3 mpg odb odc odf odg odi odm odp ods odt ogg otg oth otp ots ott pas \
    pdf png ppt pptx ps psd qt ra ram rm rpm rtf sdd sdw sit svg swf sxc sxi sxw tex tgz tif txt \
    wav wmv xcf xls xlsx xml zip";

const CATEGORIES: [(&str, i64, i64); 6] = [
    ("Hardware", 1, 1),
    ("Software", 1, 1),
    ("Network", 1, 0),
    ("Printers", 1, 1),
    ("Access and accounts", 1, 1),
    ("Telephony", 1, 1),
];

/// Fills an empty house.
pub fn fill(house: &mut House) {
    insert(
        house,
        Kind::Entity,
        json!({
            "id": 0, "name": "Root entity", "completename": "Root entity", "entities_id": null, "level": 1,
        }),
    );
    house.insert_entity("IT Green Peru", 0);
    for (name, interface) in PROFILES {
        let is_default = i64::from(name == "Self-Service");
        insert(
            house,
            Kind::Profile,
            json!({"name": name, "interface": interface, "is_default": is_default}),
        );
    }
    for name in REQUEST_TYPES {
        insert(house, Kind::RequestType, json!({"name": name}));
    }
    for extension in UPLOADABLE.split_whitespace() {
        insert(
            house,
            Kind::DocumentType,
            json!({"name": extension.to_uppercase(), "ext": extension}),
        );
    }
    for (name, incident, request) in CATEGORIES {
        insert(
            house,
            Kind::Category,
            json!({
                "name": name, "completename": name, "is_incident": incident, "is_request": request,
            }),
        );
    }
    insert(
        house,
        Kind::Group,
        json!({"name": "Service desk", "completename": "Service desk", "is_recursive": 1}),
    );
    users(house);
}

fn users(house: &mut House) {
    let stock = [
        ("glpi", SUPER_ADMIN),
        ("post-only", SELF_SERVICE),
        ("tech", TECHNICIAN),
        ("normal", OBSERVER),
    ];
    // Ids 2 to 5 on a fresh server; 1 was taken and removed by the installer.
    insert(house, Kind::User, json!({"name": "installer"}));
    house.store.remove(Kind::User, 1);
    for (login, profile) in stock {
        let password = if login == "post-only" {
            "postonly"
        } else {
            login
        };
        user(
            house,
            json!({
                "name": login, "password": password, "_profiles_id": profile, "_is_recursive": 1,
            }),
        );
    }
    let (connector, profile) = (
        house.settings.connector.clone(),
        house.settings.connector_profile,
    );
    let id = user(
        house,
        json!({
            "name": connector, "realname": "Chasqui", "firstname": "", "_profiles_id": profile, "_is_recursive": 1,
        }),
    );
    set_tokens(house, id);
}

/// Puts the tokens of the settings into force.
pub fn set_tokens(house: &mut House, connector: i64) {
    house.tokens.clear();
    let admin = house.user_by_login("glpi");
    let pairs = [
        (house.settings.user_token.clone(), Some(connector)),
        (house.settings.admin_token.clone(), admin),
    ];
    for (token, user) in pairs {
        if let Some(user) = user.filter(|_| !token.is_empty()) {
            house.tokens.insert(token, user);
        }
    }
}

fn user(house: &mut House, fields: Value) -> i64 {
    create_user(house, fields.as_object().expect("an object"))
}

fn insert(house: &mut House, kind: Kind, fields: Value) -> i64 {
    let now = house.now();
    let empty = Map::new();
    house
        .store
        .insert(kind, fields.as_object().unwrap_or(&empty), &now)
}
