//! Single laws.

use sekisho_core::command::Command;
use sekisho_core::tenant::TenantPolicy;
use sekisho_core::user_id::UserId;

use crate::commands::link;
use crate::state::State;

/// After "I forgot my password", its letter, and the button behind its link.
pub fn behind_the_link(policy: &TenantPolicy, state: &State) -> State {
    let asked = state.go(policy, &Command::ForgotPassword(UserId::typed("12-3456789")));
    let item = asked.account.counters.reset.expect("a link");
    asked.go(policy, &Command::OpenReset(Some(link(item))))
}
