//! The store's promises, through its port: what was answered is kept, what was refused left nothing.

#[cfg(test)]
mod batches;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod support;
