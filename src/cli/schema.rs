//! `clinic-site schema`: the JSON Schemas of the content files, for editors.

use super::{Failure, Outcome, print, say};
use crate::config::SchemaOptions;
use crate::content::schema::{self, FileSchema};
use crate::diagnostic::{did_you_mean, one_of};
use serde_json::{Map, Value};
use std::fs;

pub(super) fn run(options: &SchemaOptions) -> Result<Outcome, Failure> {
    let mut schemas = schema::all();
    if let Some(name) = &options.name {
        let names: Vec<&str> = schemas.iter().map(|schema| schema.name).collect();
        if !names.contains(&name.as_str()) {
            let failure = Failure::new(format!("there is no schema `{name}`"));
            return Err(match did_you_mean(name, names.iter().copied()) {
                Some(known) => failure.help(format!("did you mean `{known}`?")),
                None => failure.help(format!("it can be {}", one_of(&names))),
            });
        }
        schemas.retain(|schema| schema.name == name);
    }
    match (&options.out, schemas.as_slice()) {
        (Some(folder), _) => {
            fs::create_dir_all(folder).map_err(Failure::at(folder))?;
            for schema in &schemas {
                let path = folder.join(format!("{}.schema.json", schema.name));
                fs::write(&path, pretty(&schema.json)).map_err(Failure::at(&path))?;
                say(path.display());
            }
        }
        (None, [only]) => print(&pretty(&only.json))?,
        (None, _) => {
            let all: Map<_, _> = schemas.into_iter().map(|FileSchema { name, json, .. }| (name.into(), json)).collect();
            print(&pretty(&Value::Object(all)))?;
        }
    }
    Ok(Outcome::Good)
}

fn pretty(json: &Value) -> String {
    format!("{json:#}\n")
}
