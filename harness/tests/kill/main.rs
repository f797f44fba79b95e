//! The real binary under load, killed with SIGKILL and started again: nothing that was answered is lost, and no code is accepted
//! twice.
//!
//! Each client writes down what it was answered ([`actor::Actor`]), and what was under way when the server went. After the restart
//! every answer has to hold, and what was under way has to have happened wholly or not at all.

#[cfg(test)]
mod actor;
#[cfg(test)]
mod checks;
#[cfg(test)]
mod house;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod wire;

#[cfg(test)]
mod kill {
    use crate::actor::Actor;
    use crate::house::House;
    use crate::wire::{Cut, Wire};
    use sekisho_harness::flow::{AddressOnFile, FirstPassword, Given};
    use sekisho_harness::world::entropy::Dice;
    use sekisho_harness::world::member::{Member, Registered};
    use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
    use std::time::Duration;

    /// What members are called, what they do and when the server is killed are drawn from it. How far each request has got by then
    /// is not: that is what makes every run another one.
    const SEED: u64 = 20_261_121;

    const ROUNDS: u32 = 4;

    /// Clients at a time.
    const CLIENTS: u32 = 6;

    /// Members of a client: two who are set up before the first round, and for each round one who has not logged in yet and one who
    /// only guesses.
    const MEMBERS: u32 = 2 + 2 * ROUNDS;

    /// More than a client gets done before the server is killed.
    const ACTS: u32 = 500;

    /// One client: a thread, and the members that act through it.
    struct Client {
        wire: Wire,
        dice: Dice,
        /// Who has a part now.
        actors: Vec<Actor>,
        /// Who has none yet.
        waiting: Vec<Actor>,
        /// Who has none any more.
        gone: Vec<Actor>,
    }

    impl Client {
        /// Takes the next member in.
        fn enter(&mut self) {
            let next = self.waiting.pop().expect("a member for each part");
            self.actors.push(next);
        }

        fn set_up_two(&mut self) {
            for _ in 0..2 {
                self.enter();
            }
            for actor in &mut self.actors {
                while !actor.is_set_up() {
                    assert!(actor.walk(&mut self.wire).is_ok(), "the server is up");
                }
            }
        }

        /// Takes in somebody who only guesses from now on: at a chosen password, for wrong first passwords are counted over the whole
        /// society, and soon nobody's would be judged.
        fn enter_a_guesser(&mut self) {
            self.enter();
            let actor = self.actors.last_mut().expect("just put there");
            while !actor.has_finished() {
                assert!(actor.walk(&mut self.wire).is_ok(), "the server is up");
            }
            actor.guesses_only = true;
        }

        /// Acts until the server is gone.
        fn act(&mut self) {
            for _ in 0..ACTS {
                let whose = self.dice.below(u32::try_from(self.actors.len()).expect("few")) as usize;
                if let Err(Cut) = self.actors[whose].act(&mut self.wire, &mut self.dice) {
                    return;
                }
            }
        }

        /// Looks whether everything that was answered holds. Who was locked out by that has no part any more.
        fn check(&mut self) {
            self.wire.restored();
            let leaves = self.actors.iter().position(Actor::is_set_up).filter(|_| self.dice.below(2) == 0);
            for (place, mut actor) in std::mem::take(&mut self.actors).into_iter().enumerate() {
                let leaves = leaves == Some(place);
                assert!(actor.check(&mut self.wire, leaves).is_ok(), "the server is up");
                let go_to = if leaves || actor.guesses_only { &mut self.gone } else { &mut self.actors };
                go_to.push(actor);
            }
        }
    }

    /// Member `place` of the import.
    fn member(place: u32) -> Member {
        let given = Given { member: String::new(), first_password: FirstPassword::Rule, address: AddressOnFile::None };
        let mut dice = Dice::new(SEED, &format!("member {place}"));
        Member::new(Registered::draw(&given, place, &mut dice), &mut dice)
    }

    fn all_at_once(clients: &mut [Client], work: fn(&mut Client)) {
        std::thread::scope(|scope| {
            for client in clients {
                scope.spawn(move || work(client));
            }
        });
    }

    /// Waits for so many answers, and then for a moment that falls somewhere into the next ones.
    fn wait_for(answers: &Receiver<()>, count: u32, moment: Duration) {
        for seen in 0..count {
            assert!(answers.recv_timeout(Duration::from_secs(60)).is_ok(), "{seen} of {count} answers have come");
        }
        let (_held, nothing) = channel::<()>();
        assert_eq!(nothing.recv_timeout(moment), Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn nothing_that_was_answered_is_lost_by_kill_nine_and_no_code_is_accepted_twice() {
        let members: Vec<Member> = (0..CLIENTS * MEMBERS).map(member).collect();
        let mut house = House::new(&members);
        let (answered, answers) = channel();
        let mut members = members.into_iter();
        let mut clients: Vec<Client> = (0..CLIENTS)
            .map(|number| Client {
                wire: Wire::new(&house, answered.clone()),
                dice: Dice::new(SEED, &format!("client {number}")),
                actors: Vec::new(),
                gone: Vec::new(),
                waiting: members.by_ref().take(MEMBERS as usize).map(Actor::new).collect(),
            })
            .collect();
        all_at_once(&mut clients, Client::set_up_two);

        let mut dice = Dice::new(SEED, "kill");
        for _ in 0..ROUNDS {
            for client in &mut clients {
                client.enter();
            }
            all_at_once(&mut clients, Client::enter_a_guesser);
            while answers.try_recv().is_ok() {}
            std::thread::scope(|scope| {
                for client in &mut clients {
                    scope.spawn(move || client.act());
                }
                wait_for(&answers, 30 + dice.below(60), Duration::from_micros(dice.below(30_000).into()));
                house.kill();
            });
            house.start();
            all_at_once(&mut clients, Client::check);
        }

        let actors = || clients.iter().flat_map(|client| client.actors.iter().chain(&client.gone));
        house.has_delivered(actors().flat_map(Actor::letters));
        let tried_again = actors().map(|actor| actor.tried_again).sum::<u32>();
        assert!(tried_again > 0, "no accepted code was tried again while its time step was still good");
        house.log_has_no_error();
    }
}
