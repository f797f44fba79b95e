//! Whether two samples of times tell anything apart.

/// Beyond this, two means differ for a reason: what dudect ("dude, is my code constant time?") takes for a leak.
pub const TELLING_T: f64 = 4.5;

/// The middle one.
pub fn median(sample: &[f64]) -> f64 {
    let sorted = sorted(sample);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Welch's t: how far the means are apart, in units of what chance does.
pub fn welch_t(one: &[f64], other: &[f64]) -> f64 {
    let [(mean, error), (other_mean, other_error)] = [one, other].map(|sample| {
        let count = sample.len() as f64;
        let mean = sample.iter().sum::<f64>() / count;
        let variance = sample.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    (mean - other_mean) / (error + other_error).sqrt()
}

/// Kolmogorov and Smirnov's D: the widest gap between the two distributions, from 0 to 1.
pub fn ks_d(one: &[f64], other: &[f64]) -> f64 {
    let (one, other) = (sorted(one), sorted(other));
    let share = |sample: &[f64], value: f64| sample.partition_point(|lower| *lower <= value) as f64 / sample.len() as f64;
    one.iter().chain(&other).map(|value| (share(&one, *value) - share(&other, *value)).abs()).fold(0.0, f64::max)
}

/// The gap that chance exceeds once in a hundred times (the table's G-10 asks for p > 0.01).
pub fn ks_critical(one: usize, other: usize) -> f64 {
    let (one, other) = (one as f64, other as f64);
    // The square root of -ln(0.01 / 2) / 2.
    1.628 * ((one + other) / (one * other)).sqrt()
}

/// Without the slowest hundredth of both samples together: what the machine did besides, whoever was asked for.
pub fn cropped(samples: [&[f64]; 2]) -> [Vec<f64>; 2] {
    let all = sorted(&samples.concat());
    let most = all.get(all.len() * 99 / 100).copied().unwrap_or(f64::INFINITY);
    samples.map(|sample| sample.iter().copied().filter(|value| *value < most).collect())
}

fn sorted(sample: &[f64]) -> Vec<f64> {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 200 values around `middle`, without chance.
    fn around(middle: f64) -> Vec<f64> {
        (0..200).map(|number| middle + f64::from((number * 37) % 200) / 100.0).collect()
    }

    #[test]
    fn two_samples_of_one_kind_tell_nothing_and_a_shift_is_told() {
        let (one, same, shifted) = (around(10.0), around(10.01), around(10.5));
        assert!(welch_t(&one, &same).abs() < TELLING_T && ks_d(&one, &same) < ks_critical(200, 200));
        assert!(welch_t(&one, &shifted).abs() > TELLING_T && ks_d(&one, &shifted) > ks_critical(200, 200));
        assert!(welch_t(&one, &shifted) < 0.0);
    }

    #[test]
    fn a_wider_spread_about_the_same_mean_is_told_by_the_gap_alone() {
        let narrow: Vec<f64> = around(-1.0).iter().map(|value| value * 0.2).collect();
        let wide = around(-1.0);
        assert!(ks_d(&narrow, &wide) > ks_critical(200, 200));
        assert!(welch_t(&narrow, &wide).abs() < TELLING_T);
    }

    #[test]
    fn welchs_t_is_what_it_is_by_hand() {
        // Means 2 and 4, variances 1 and 4, three values each: -2 / sqrt(1/3 + 4/3).
        let t = welch_t(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]);
        assert!((t + 2.0 / (5.0_f64 / 3.0).sqrt()).abs() < 1e-12, "{t}");
        assert_eq!(ks_d(&[1.0, 2.0, 3.0], &[4.0, 5.0]), 1.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
    }

    #[test]
    fn what_is_cropped_is_the_slowest_of_both() {
        let [one, other] = cropped([&around(0.0), &[1.0, 99.0, 98.0, 1.5]]);
        assert_eq!((one.len(), other.len()), (199, 2));
    }
}
