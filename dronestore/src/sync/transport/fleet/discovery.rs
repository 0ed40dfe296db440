//! Discovery: where other replicas may be found.

/// A source of addresses of other replicas, as [`Repo::sync`](crate::Repo::sync) takes them.
///
/// A list of addresses is one, and so is any function that gives such a list: one that reads a file or asks a name
/// server. It is asked before every round and should answer at once.
///
/// ```
/// use dronestore::sync::Discovery;
///
/// let from_a_list = ["tcp://10.0.0.2:7070".to_owned()];
/// let from_a_function = || vec!["tcp://10.0.0.3:7070".to_owned()];
/// let sources: [&dyn Discovery; 2] = [&from_a_list, &from_a_function];
/// assert_eq!(sources[1].addresses(), ["tcp://10.0.0.3:7070"]);
/// # assert_eq!(sources[0].addresses().len(), 1);
/// ```
pub trait Discovery: Send + Sync {
    /// The addresses that are known now; an address may come and go, and may be wrong.
    fn addresses(&self) -> Vec<String>;
}

impl<F: Fn() -> Vec<String> + Send + Sync> Discovery for F {
    fn addresses(&self) -> Vec<String> {
        self()
    }
}

impl Discovery for Vec<String> {
    fn addresses(&self) -> Vec<String> {
        self.clone()
    }
}

impl<const N: usize> Discovery for [String; N] {
    fn addresses(&self) -> Vec<String> {
        self.to_vec()
    }
}
