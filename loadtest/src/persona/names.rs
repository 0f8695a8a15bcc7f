//! What people are called who speak Spanish, and where they work: made of these, the full names of
//! 4,096 people differ. The crash tests read this file too, so that their people are no others.

/// Given names.
pub const GIVEN: [&str; 16] = [
    "Juan", "María", "Carlos", "Rosa", "Luis", "Ana", "Jorge", "Carmen", "Pedro", "Lucía",
    "Miguel", "Elena", "José", "Patricia", "Diego", "Sofía",
];
/// Family names; everybody has two.
pub const FAMILY: [&str; 16] = [
    "Pérez",
    "Quispe",
    "Rojas",
    "Flores",
    "Mamani",
    "Torres",
    "Vargas",
    "Castillo",
    "Ramos",
    "Mendoza",
    "Huamán",
    "Díaz",
    "Chávez",
    "Gutiérrez",
    "Salazar",
    "Espinoza",
];
/// Areas of a company.
pub const AREAS: [&str; 6] = [
    "contabilidad",
    "ventas",
    "logística",
    "recursos humanos",
    "almacén",
    "tesorería",
];
