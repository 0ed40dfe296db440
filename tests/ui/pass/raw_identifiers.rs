//! Keywords as names: stored without `r#`.
use dronestore::Drone;
use dronestore::__private::Model;

#[derive(Drone)]
#[allow(non_camel_case_types)]
struct r#struct {
    #[merge(latest)]
    r#type: String,
    #[merge(max)]
    r#match: u8,
    #[merge(latest_object)]
    r#fn: u8,
    #[drone(skip)]
    r#loop: u8,
}

fn main() {
    assert_eq!(<r#struct as Model>::KIND, "struct");
}
