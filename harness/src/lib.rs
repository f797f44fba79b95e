//! x
<<<<<<< HEAD
pub mod stage;
=======

pub mod mailbox;
>>>>>>> mail
