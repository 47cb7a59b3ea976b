//! The suite: one binary, one harness, the production router. `tests/README.md` says how it is laid out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that can't go on fails; clippy.toml allows it in test functions, this in their helpers"
)]
#![expect(
    unreachable_pub,
    reason = "in a program of tests nothing is public; the word says what a module offers to the others"
)]

mod accepted;
mod accessibility;
mod acme;
mod agenda;
mod answers;
mod backup;
mod booklet;
mod brand;
mod breaks;
mod certificates;
mod commands;
mod conformance;
mod connections;
mod content;
mod copy;
mod desk_interface;
mod desk_local;
mod desk_program;
mod doctor;
mod early_answers;
mod editor;
mod environment;
mod exact;
mod explain;
mod facts;
mod fallback;
mod gallery;
mod harness;
mod head;
mod headings;
mod health;
mod held_back;
mod helps;
mod hostile;
mod hostile_files;
mod hours;
mod inbox;
mod intake;
mod kill;
mod language_help;
mod languages;
mod last_good;
mod letter;
mod links;
mod lists;
mod live;
mod logs;
mod machines;
mod mail;
mod media;
mod metrics;
mod moving;
mod mutations;
mod navigation;
mod new_page;
mod numbers;
mod objectives;
mod observatory;
mod old_addresses;
mod outages;
mod packaging;
mod pages;
mod pasted;
mod paths;
mod places;
mod pocket_cards;
mod poolers;
mod posting;
mod process;
mod program;
mod proxies;
mod questions;
mod random_bytes;
mod readiness;
mod reading;
mod rebuilding;
mod redirect_lists;
mod refusals;
mod remote_preview;
mod request_form;
mod restarts;
mod reviews;
mod right_to_left;
mod schema;
mod sealed;
mod second_clinic;
mod serving;
mod staff;
mod store;
mod stray_files;
mod structure;
mod style;
mod successors;
mod terminal_server;
mod test_command;
mod test_results;
mod tired_editor;
mod tls;
mod translations;
mod typed;
mod units;
mod words;
mod words_list;
mod zeroed;
