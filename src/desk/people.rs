//! Who asked before: by the number, or by the name.

use crate::phone::PhoneNumber;
use crate::requests::Request;
use std::collections::HashMap;

/// An earlier request that may be of the same person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Before {
    pub(super) reference: String,
    /// What is the same.
    pub(super) what: &'static str,
}

/// For each request the last one before it with the same number, or else with the same name. They come in the order in which they were asked.
pub(super) fn asked_before<'a>(requests: impl IntoIterator<Item = &'a Request>) -> HashMap<String, Before> {
    let (mut numbers, mut names) = (HashMap::new(), HashMap::new());
    let mut found = HashMap::new();
    for request in requests {
        let typed = &request.answers.phone;
        let number = PhoneNumber::parse(typed).map_or_else(|| typed.to_string(), |phone| phone.dialled().to_owned());
        let name = request.answers.name.to_lowercase();
        let by_number = numbers.insert(number, &request.reference).map(|earlier| (earlier, "same number"));
        let by_name = names.insert(name, &request.reference).map(|earlier| (earlier, "same name"));
        if let Some((earlier, what)) = by_number.or(by_name) {
            found.insert(request.reference.to_string(), Before { reference: earlier.to_string(), what });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::asked_before;
    use crate::lang::Lang;
    use crate::requests::form::Form;
    use crate::requests::{Reference, Request};

    fn asked(number: u8, body: &str) -> Request {
        let new = Form::read(body.as_bytes()).unwrap().request(Lang::En).unwrap();
        Request::new(&new, &Reference::from_random([number; 5]), String::new(), Vec::new())
    }

    #[test]
    fn the_last_request_of_the_same_number_or_name_is_shown() {
        let requests = [
            asked(1, "name=Ana&phone=916-555-0100"),
            asked(2, "name=Ben&phone=916-555-0101"),
            asked(3, "name=A.&phone=(916) 555 0100"),
            asked(4, "name=BEN&phone=916-555-0102"),
            asked(5, "name=Ana&phone=%2B1 916 555 0100"),
        ];
        let found = asked_before(&requests);
        let shown = |number: u8| {
            found
                .get(Reference::from_random([number; 5]).as_str())
                .map(|before| (before.reference.clone(), before.what))
        };
        let earlier = |number: u8| Reference::from_random([number; 5]).to_string();
        assert_eq!((shown(1), shown(2)), (None, None));
        assert_eq!(shown(3), Some((earlier(1), "same number")));
        assert_eq!(shown(4), Some((earlier(2), "same name")));
        assert_eq!(shown(5), Some((earlier(3), "same number")));
    }
}
