//! Events in MACRO: an object becomes ready, another is handed over.

use super::Category;
use super::state::Memory;

const OBJECTS_OF_A_HOUSE: usize = 40;

impl Memory {
    pub(super) fn step(&mut self, n: usize) {
        for _ in 0..n {
            let ready = self.objects.len();
            let many = ready > self.usual + self.usual / 4;
            if ready < self.usual || (!many && self.random.bool()) {
                self.build();
            } else {
                let index = self.random.usize(..self.objects.len());
                self.objects.remove(index);
            }
        }
    }

    /// The next object. A flat, a parking place, a storage room and a shop share
    /// each number, as they do in life.
    pub(super) fn build(&mut self) {
        let house = self.built / OBJECTS_OF_A_HOUSE;
        let in_house = self.built % OBJECTS_OF_A_HOUSE;
        self.built += 1;
        let house_id = (123 + house).to_string();
        let title = match house % 3 {
            0 => format!("{} очередь бизнес-класс", house + 1),
            1 => format!("Бизнес-класс {} очередь", house + 1),
            _ => format!("Дом \"{}\"\nкорпус 1", house + 1),
        };
        self.houses.entry(house_id.clone()).or_insert(title);
        let number = in_house / Category::ALL.len() + 1;
        let flat_num = match number % 3 {
            0 => format!("К-1.{}-7-{number}", house + 1),
            1 => number.to_string(),
            _ => format!("1.{}-12-{number}", house + 1),
        };
        let category = Category::ALL[in_house % Category::ALL.len()];
        self.finish(&house_id, category, flat_num);
    }
}
