//! The scale of an axis: from zero, in round steps, at most four lines.

/// The most steps of an axis: four lines have three steps between them.
const STEPS: i128 = 3;

/// An axis: its ends and its step, in the unit of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub low: i128,
    pub high: i128,
    pub step: i128,
}

impl Scale {
    /// The shortest axis with zero and all these values; `rest` is the step when every value is zero.
    pub fn covering(values: impl IntoIterator<Item = i64>, rest: i64) -> Self {
        let (mut least, mut most) = (0, 0);
        for value in values {
            (least, most) = (least.min(i128::from(value)), most.max(i128::from(value)));
        }
        if least == most {
            let step = i128::from(rest.max(1));
            return Scale { low: 0, high: step, step };
        }
        let ends = |step: i128| (least.div_euclid(step), -(-most).div_euclid(step));
        let fits = |step: &i128| {
            let (low, high) = ends(*step);
            high - low <= STEPS
        };
        // 10^20 is beyond every i64, so one of them fits.
        let steps = (0..=20).flat_map(|power| [1, 2, 4, 5].map(|figure| figure * 10_i128.pow(power)));
        let step = steps.into_iter().find(fits).unwrap_or(10_i128.pow(20));
        let (low, high) = ends(step);
        Scale { low: low * step, high: high * step, step }
    }

    /// The values at its lines, lowest first.
    pub fn lines(&self) -> Vec<i128> {
        (0..=(self.high - self.low) / self.step).map(|at| self.low + at * self.step).collect()
    }

    /// How far along the axis a value lies: 0 at its low end, 1 at its high end.
    pub fn along(&self, value: i64) -> f64 {
        ((i128::from(value) - self.low) as f64 / (self.high - self.low) as f64).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_are_round_and_lines_are_few() {
        let lines = |values: &[i64]| Scale::covering(values.iter().copied(), 1).lines();
        assert_eq!(lines(&[794, 461, 1_000]), [0, 400, 800, 1_200]);
        assert_eq!(lines(&[7]), [0, 4, 8]);
        assert_eq!(lines(&[1]), [0, 1]);
        assert_eq!(lines(&[0, 0]), [0, 1]);
        assert_eq!(lines(&[]), [0, 1]);
        assert_eq!(lines(&[-3, 5]), [-4, 0, 4, 8]);
        assert_eq!(lines(&[-30]), [-30, -20, -10, 0]);
    }

    proptest! {
        #[test]
        fn an_axis_covers_its_values(values in prop::collection::vec(any::<i64>(), 0..5)) {
            let scale = Scale::covering(values.iter().copied(), 1);
            prop_assert!((2..=4).contains(&scale.lines().len()));
            prop_assert!(scale.lines().contains(&0));
            prop_assert!(values.iter().all(|value| (scale.low..=scale.high).contains(&i128::from(*value))));
            prop_assert!(values.iter().all(|value| scale.along(*value).is_finite()));
        }
    }
}
