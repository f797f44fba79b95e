//! What chance allows.

/// How rarely an attack may be luckier than the bound that is stated for it: once in a million runs.
const RARELY: f64 = 1e-6;

/// The number of successes that so many tries with this chance each exceed once in a million runs (Poisson, which is wider than what is
/// measured).
pub fn at_most(tries: f64, chance: f64) -> f64 {
    let mean = tries * chance;
    let (mut number, mut term, mut sum) = (0u32, (-mean).exp(), 0.0);
    loop {
        sum += term;
        if 1.0 - sum < RARELY || number > 1_000_000 {
            return f64::from(number);
        }
        number += 1;
        term *= mean / f64::from(number);
    }
}

/// The chance that somebody who has failed nowhere is held up by `names` in a table of rows of `width`.
pub fn held_up(names: f64, width: f64, rows: i32) -> f64 {
    (1.0 - (-names / width).exp()).powi(rows)
}

/// The place of the `part` of a sorted list below which so much of it lies: 0.99 for p99. Nothing of an empty list.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(place.saturating_sub(1)).or_else(|| sorted.first()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_once_in_a_million_runs_is_the_bound() {
        assert_eq!(at_most(100.0, 0.0), 0.0);
        // Poisson with mean 1: more than 9 has a chance of 1.1e-7, more than 8 of 1.1e-6 (tables of the distribution).
        assert_eq!(at_most(1000.0, 0.001), 9.0);
    }

    #[test]
    fn a_quantile_is_a_number_of_the_list() {
        let list: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!([0.5, 0.99, 1.0].map(|part| quantile(&list, part)), [50.0, 99.0, 100.0]);
        assert_eq!((quantile(&[], 0.5), quantile(&[3.0], 0.5)), (0.0, 3.0));
    }

    #[test]
    fn nobody_is_held_up_by_an_empty_table_and_everybody_by_a_full_one() {
        assert_eq!(held_up(0.0, 1024.0, 4), 0.0);
        assert!(held_up(1e6, 1024.0, 4) > 0.999_999);
    }
}
