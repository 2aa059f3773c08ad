//! Why an object of Alma waits or is blocked.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    (
        "object {} has no HouseId: give it a house in Umnoe ZhKH",
        "у объекта {} нет HouseId: укажите дом в Умном ЖКХ",
    ),
    (
        "house {} has the same name; tell the two apart by Locality, Street or HouseNumber of their objects in Umnoe ZhKH",
        "дом {} называется так же; различите их в Умном ЖКХ полями Locality, Street или HouseNumber их объектов",
    ),
    (
        "no object of house {} has both Street and HouseNumber: give them in Umnoe ZhKH",
        "ни у одного объекта дома {} нет и Street, и HouseNumber: укажите в Умном ЖКХ",
    ),
    ("resident {} has {~}", "жилец {}: {~}"),
    ("account {} has {~}", "лицевой счёт {}: {~}"),
    ("apartment {} has {~}", "апартаменты {}: {~}"),
    ("unit {} has {~}", "юнит {}: {~}"),
    ("contact {} has {~}", "контакт {}: {~}"),
    ("tenant_contract {} has {~}", "договор аренды {}: {~}"),
    ("owner_contract {} has {~}", "договор владельца {}: {~}"),
    ("tenant_contract {} is about nothing", "договор аренды {} ни о чём"),
    (
        "{} names contact {}, which the ledger does not have",
        "{} называет контакт {}, которого нет в журнале",
    ),
    ("no {}: give it in Umnoe ZhKH", "нет поля {}, укажите в Умном ЖКХ"),
    ("no {}: give it in Bitrix24", "нет поля {}, укажите в Битрикс24"),
    (
        "a value in {} that is no {}: correct it in Bitrix24",
        "значение поля {} не {}: исправьте в Битрикс24",
    ),
    (
        "a Phone that is not one phone number, with + and the code of its country or of {} (alma.phone_country): \
         correct it in Umnoe ZhKH",
        "поле Phone не один номер телефона, с + и кодом страны или номер страны {} (alma.phone_country): исправьте в Умном ЖКХ",
    ),
    (
        "a Phone that is not one phone number, with + and the code of its country or of {} (alma.phone_country): \
         correct it in Bitrix24",
        "поле Phone не один номер телефона, с + и кодом страны или номер страны {} (alma.phone_country): исправьте в Битрикс24",
    ),
    (
        "an Email ({}) that is not one address: correct it in Bitrix24",
        "поле Email ({}) не один адрес: исправьте в Битрикс24",
    ),
    (
        "{} in {}, which the table does not know: correct it in Bitrix24, or add it to [{}]",
        "{} в поле {}, таблица такого не знает: исправьте в Битрикс24 или добавьте в [{}]",
    ),
    (
        "waits for its name: the accounting system gives it, or `{-}`",
        "ждёт постоянный id от учётной системы",
    ),
    ("waits for {}, which the ledger does not have", "ждёт: {} (нет в журнале)"),
    ("waits for {}, which is blocked", "ждёт: {} (заблокировано)"),
    ("waits for {}, which Alma rejected", "ждёт: {} (Alma отказала)"),
    ("waits for {}, which is held", "ждёт: {} (ждёт отпускания)"),
    ("waits for {}, which is left out", "ждёт: {} (не передаётся)"),
    ("waits for {}, which is not in Alma yet", "ждёт: {} (ещё нет в Alma)"),
    ("left out by {}", "не передаётся по правилу: {}"),
    ("left out with {}, by {}", "не передаётся вместе с {}, по правилу: {}"),
    (
        "no longer in the ledger; `{-}` archives it in Alma, with its rooms and, for good, its contracts",
        "в журнале больше нет; «Отпустить» отправит в архив Alma, с комнатами и, навсегда, договорами",
    ),
    (
        "no longer in the ledger; `{-}` archives it in Alma and, for good, its contracts",
        "в журнале больше нет; «Отпустить» отправит в архив Alma и, навсегда, договоры",
    ),
    (
        "no longer in the ledger, and still in force in Alma, whose API cannot end it: end it in Alma's web interface, \
         then `{-}`",
        "в журнале больше нет, а в Alma действует, и её API закончить не может: закончите в самой Alma, затем «Отпустить»",
    ),
    (
        "no longer in the ledger; Alma's API cannot archive it: `{-}` leaves it there and asks no more",
        "в журнале больше нет; в архив API Alma отправить не может: «Отпустить» оставит там и больше не спросит",
    ),
    (
        "no longer a room in the ledger, and let in Alma: {}; `{-}` archives it there and, for good, {}, which is then \
         held until it may be made anew",
        "в журнале больше не комната, а в Alma сдана: {}; «Отпустить» отправит её там в архив и, навсегда, {}, чей \
         договор затем ждёт, пока его можно создать заново",
    ),
    (
        "{} of {} apartments of {} name it so: this may be its new name, which that gets once all of them do. Where \
         these have moved for good, `{-}` makes another building",
        "так здание называют апартаменты: {} из {}, что были в «{}»; если это его новое имя, оно получит его, когда так \
         назовут все. Если эти переехали совсем, «Отпустить» создаст другое здание",
    ),
    (
        "{} are each to have what the next one has, and Alma takes no two contracts of one flat at a time. `{-}` has \
         this one begin later for the moment in which the others move: its tenant is without a flat so long. Or \
         exchange them in Alma's web interface",
        "{} меняются жильём по кругу, а двух договоров на одно жильё сразу Alma не принимает. «Отпустить» перенесёт \
         начало этого договора на то время, пока переезжают остальные: столько его жилец без квартиры. Или поменяйте \
         их местами в самой Alma",
    ),
    (
        "waits for {}, which is to have what this one has",
        "ждёт: {} (должен получить жильё этого договора)",
    ),
    ("it could not be exchanged with the others", "обмен жильём с другими договорами не удался"),
    (
        "it was put aside for another contract to move, and Alma does not take it back: it begins later there than it \
         should. Put its dates right in Alma's web interface",
        "договор отодвинули, чтобы переехал другой, а обратно Alma его не приняла: там он начинается позже, чем должен. \
         Исправьте его даты в самой Alma",
    ),
    ("no longer in the ledger, and archived in Alma", "в журнале больше нет, в Alma в архиве"),
    ("over, and no longer in the ledger", "закончено, и в журнале больше нет"),
    (
        "left in Alma, whose API cannot archive it",
        "осталось в Alma: её API отправить в архив не может",
    ),
    ("Alma no longer has it", "в Alma этого больше нет"),
    (
        "taken for ended, as the operator said; Alma shows it in force",
        "считается законченным, как сказал оператор; Alma показывает действующим",
    ),
    (
        "called off before it began: end it in Alma's web interface, then `{-}`",
        "отменено до начала: закончите в самой Alma, затем «Повторить»",
    ),
    (
        "over in the ledger, and it runs on in Alma: `{-}` ends it there on the first day that Alma takes, tomorrow",
        "в журнале закончено, а в Alma действует: «Отпустить» закончит там в первый день, который Alma примет, завтра",
    ),
    (
        "{}: the file {} cannot be had: {~}; then `{-}`",
        "{}: файла {} не получить: {~}; затем «Повторить»",
    ),
    (
        "{}: waits for the file {}, which is to be uploaded; the last attempt: {~}",
        "{}: ждёт файла {}, его нужно передать; последняя попытка: {~}",
    ),
    ("{}: waits for the file {}, which is to be uploaded", "{}: ждёт файла {}, его нужно передать"),
    (
        "{}: waits for {} files that are to be uploaded, the last is {}",
        "{}: ждёт файлов ({}), их нужно передать, последний {}",
    ),
    (
        "called «{}» until the name that it is to have is free",
        "называется «{}», пока занято нужное имя",
    ),
    ("its name is still that of {}: {~}", "его имя пока носит {}: {~}"),
    (
        "Alma's {} {} is that of {} already: the two must differ in what Alma tells them apart by",
        "в Alma {} {} уже значится за {}: они должны различаться тем, по чему Alma их узнаёт",
    ),
];
