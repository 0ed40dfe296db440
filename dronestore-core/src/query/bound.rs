//! A filter bound to values: where its paths begin was looked up once, for all objects that it is asked of.

use super::filter::Filter;
use super::path::Path;
use crate::value::Cell;

/// A filter that is asked of the values of an object, which it knows by their numbers.
#[derive(Debug)]
pub struct Bound(Node);

#[derive(Debug)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// A comparison of what stands at a path that begins at this value.
    Leaf {
        number: usize,
        /// Whether the path ends there, where anything is.
        is_whole: bool,
        leaf: Filter,
    },
}

impl Filter {
    /// The same filter, where `number` knows the value at which each of its paths begins.
    ///
    /// ```
    /// use dronestore_core::Value;
    /// use dronestore_core::query::Query;
    /// use dronestore_core::value::Cell;
    /// let filter = "age >= 18".parse::<Query>()?.filter;
    /// let bound = filter.bind(&|_| Some(0)).unwrap();
    /// assert!(bound.holds(&[Some(Cell::from(Value::from(41)))]));
    /// assert!(!bound.holds(&[None]));
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    ///
    /// Cost: a copy of the filter.
    pub fn bind(&self, number: &impl Fn(&Path) -> Option<usize>) -> Option<Bound> {
        self.node(number).map(Bound)
    }

    fn node(&self, number: &impl Fn(&Path) -> Option<usize>) -> Option<Node> {
        let each = |filters: &[Filter]| -> Option<Vec<Node>> {
            filters.iter().map(|filter| filter.node(number)).collect()
        };
        Some(match self {
            Filter::And(all) => Node::All(each(all)?),
            Filter::Or(any) => Node::Any(each(any)?),
            Filter::Not(inner) => Node::Not(Box::new(inner.node(number)?)),
            leaf => {
                let path = leaf.path()?;
                Node::Leaf { number: number(path)?, is_whole: path.is_whole(), leaf: leaf.clone() }
            }
        })
    }
}

impl Bound {
    /// Whether it holds of these values; one that is absent, and one that is not among them, was never written.
    ///
    /// Cost: the comparisons, from the left to the right, until the answer is known.
    #[inline]
    pub fn holds(&self, values: &[Option<Cell<'_>>]) -> bool {
        self.0.holds(values)
    }
}

impl Node {
    fn holds(&self, values: &[Option<Cell<'_>>]) -> bool {
        match self {
            Node::All(all) => all.iter().all(|node| node.holds(values)),
            Node::Any(any) => any.iter().any(|node| node.holds(values)),
            Node::Not(inner) => !inner.holds(values),
            Node::Leaf { number, is_whole, leaf } => match values.get(*number).and_then(Option::as_ref) {
                Some(Cell::Plain(plain)) if *is_whole => leaf.holds_of_plain(*plain),
                Some(Cell::Value(value)) if *is_whole => leaf.holds_of(value),
                cell => {
                    let end = leaf.path().map(|path| path.follow(cell.map(Cell::to_value)));
                    end.is_some_and(|end| leaf.holds_of(&end))
                }
            },
        }
    }
}
