//! A walk by chance through everything at once, two browsers and all settings, recovery and time together. The seed is fixed: what fails once
//! fails again.

use sekisho_core::command::Command;
use sekisho_core::tenant::Method;

use crate::commands::commands;
use crate::state::{State, policies};
use crate::{check_state, take};

/// Knuth's MMIX generator: chance enough to choose a move.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end.max(1)
    }
}

const WALKS: usize = 60;
const STEPS: usize = 60;

#[test]
fn walks_by_chance_through_everything() {
    for (number, (society, policy)) in policies().into_iter().enumerate() {
        let mut chance = Chance(20_260_401 + number as u64);
        let mut portals = 0;
        for _ in 0..WALKS {
            let mut starts = State::imports(&policy);
            starts.push(State::member(&policy, Method::Totp, &[Method::Totp, Method::Passkey]).with_codes().unproven());
            starts.push(State::member(&policy, Method::Passkey, &[Method::Passkey]).with_codes());
            if policy.offers_method(Method::MailCode) {
                starts.push(State::member(&policy, Method::MailCode, &[Method::Totp]));
            }
            let mut state = starts.swap_remove(chance.below(starts.len()));
            for _ in 0..STEPS {
                check_state(&society, &policy, &state);
                portals += usize::from(state.reaches_portal(&policy));
                state = match chance.below(12) {
                    0 => state.swapped(),
                    1 => State { parked: state.session.clone(), ..state.closed() },
                    2 => state.six_minutes_later(),
                    3 if chance.below(4) == 0 => state.hold_over(),
                    4 if chance.below(8) == 0 => state.with_new_terms(),
                    _ => step(&society, &policy, &state, &mut chance),
                };
            }
        }
        assert!(portals > WALKS / 4, "{society}: the walks get somewhere");
    }
}

/// One form that is taken where the walk stands, with any finding. Whatever happens only where something else ends is left aside most times,
/// or no walk would get far.
fn step(society: &str, policy: &sekisho_core::tenant::TenantPolicy, state: &State, chance: &mut Chance) -> State {
    let mut forms = commands(policy, state);
    while !forms.is_empty() {
        let form = forms.swap_remove(chance.below(forms.len()));
        let ends = matches!(form, Command::Logout { .. } | Command::Login { .. } | Command::Freeze(_) | Command::OpenReset(_));
        if ends && state.session.is_some() && chance.below(6) > 0 {
            continue;
        }
        let mut led = take(society, policy, state, &form);
        if !led.is_empty() {
            // The first finding is the good one: half of the time it is that.
            let which = if chance.below(2) == 0 { 0 } else { chance.below(led.len()) };
            return led.swap_remove(which);
        }
    }
    state.clone()
}
