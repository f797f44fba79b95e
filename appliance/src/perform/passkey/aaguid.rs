//! What to call a new passkey before its member has said so. For display only: the number is unsigned wherever there is no attestation.

/// The list, as shipped.
const MODELS: &str = include_str!("aaguids.txt");

/// What members call the keeper of passkeys of this model, in every language the same. `None` for one that is not on the list, and for
/// the zeros of those that do not say.
pub fn suggested_name(aaguid: [u8; 16]) -> Option<&'static str> {
    models().find_map(|(number, name)| (parse(number)? == aaguid).then_some(name))
}

fn models() -> impl Iterator<Item = (&'static str, &'static str)> {
    MODELS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '))
}

fn parse(number: &str) -> Option<[u8; 16]> {
    u128::from_str_radix(&number.replace('-', ""), 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn models_on_the_list_have_names() {
        // That maker's number is its own name in ASCII.
        assert_eq!(suggested_name(*b"ProtonPassProton"), Some("Proton Pass"));
        assert_eq!(suggested_name(*b"ProtonPassProtom"), None);
        assert_eq!(suggested_name([0; 16]), None);
    }

    #[test]
    fn every_line_is_a_model_of_its_own_with_a_name() {
        let numbers: Vec<_> = models().map(|(number, name)| (parse(number).expect(number), name)).collect();
        assert!(numbers.iter().all(|(_, name)| !name.trim().is_empty() && name.chars().count() <= 64));
        assert_eq!(numbers.len(), MODELS.lines().filter(|line| !line.starts_with('#')).count());
        assert_eq!(numbers.iter().map(|(number, _)| number).collect::<BTreeSet<_>>().len(), numbers.len());
    }
}
