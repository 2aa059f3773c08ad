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
        "{#} называет контакт {}, которого нет в журнале",
    ),
    ("no {}: give it in Umnoe ZhKH", "нет поля {}, укажите в Умном ЖКХ"),
    ("no {~}: give it in Bitrix24", "нет поля {~}, укажите в Битрикс24"),
    (
        "a value in {~} that is no {~}: correct it in Bitrix24",
        "значение поля {~} не подходит, нужно: {~}; исправьте в Битрикс24",
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
        "{~} in {~}, which the table does not know: correct it in Bitrix24, or add it to [{}]",
        "{~} в поле {~}, таблица такого не знает: исправьте в Битрикс24 или добавьте в [{}]",
    ),
    ("waits for {}, which the ledger does not have", "ждёт: {#} (нет в журнале)"),
    ("waits for {}, which is blocked", "ждёт: {#} (чего-то не хватает)"),
    ("waits for {}, which Alma rejected", "ждёт: {#} (Alma отказала)"),
    ("waits for {}, which is held", "ждёт: {#} (ждёт решения)"),
    ("waits for {}, which is left out", "ждёт: {#} (не передаётся)"),
    ("waits for {}, which is not in Alma yet", "ждёт: {#} (ещё нет в Alma)"),
    (
        "an Email that is not one address: correct it in Umnoe ZhKH",
        "поле Email не один адрес: исправьте в Умном ЖКХ",
    ),
    ("a {} that is no date: correct it in Umnoe ZhKH", "поле {} не дата: исправьте в Умном ЖКХ"),
    (
        "a DateTimeOpen that is not before alma.open_ended_date: correct it in Umnoe ZhKH, or the date in the config",
        "поле DateTimeOpen не раньше, чем alma.open_ended_date: исправьте в Умном ЖКХ или дату в настройках",
    ),
    (
        "a DateTimeOpen that is not before its DateTimeClose: correct them in Umnoe ZhKH",
        "поле DateTimeOpen не раньше, чем DateTimeClose: исправьте в Умном ЖКХ",
    ),
    (
        "its last contract ended on {}: it is left as it is",
        "последний договор закончился {}: остаётся как есть",
    ),
    ("the contract ended on {}", "договор закончился {}"),
    ("left out by {}", "не передаётся по правилу: {~}"),
    ("left out with {}, by {}", "не передаётся вместе с: {#}; правило: {~}"),
    (
        "waits for {}, which is to have what this one has",
        "ждёт: {#} (должен получить жильё этого договора)",
    ),
    ("{} has begun in Alma", "{#}: в Alma уже начался"),
    (
        "{} is archived in Alma, gone, or another client's",
        "{#}: в Alma в архиве, исчез или другого клиента",
    ),
    ("{} waits for what it is about", "{#} ждёт то жильё, о котором он"),
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
    ("its name is still that of {}: {~}", "его имя пока носит {#}: {~}"),
    (
        "Alma's {} {} is that of {} already: the two must differ in what Alma tells them apart by",
        "в Alma {} {} уже значится за {#}: они должны различаться тем, по чему Alma их узнаёт",
    ),
    (
        "{} is a room in Alma (rental_object), and an owner's contract is about a whole unit",
        "{} в Alma комната (rental_object), а договор владельца о целом юните",
    ),
    (
        "its name is that of Alma's building {}, which is that of house {}: waits until that one is called otherwise, or \
         released",
        "его имя носит здание {} в Alma, а это дом {}: ждёт, пока то переименуют или отпустят",
    ),
    (
        "its e-mail is that of Alma's client {}, whose external id is {}: give one of the two another e-mail",
        "его e-mail у клиента {} в Alma с внешним id {}: дайте одному из двух другой e-mail",
    ),
    (
        "{} are each to have the e-mail of the next: e-mails are logins, so none goes by way of another one; give one of \
         them an e-mail of its own first",
        "каждому нужен e-mail следующего: {#}; e-mail это логин, временного быть не может: дайте сначала одному из них \
         свой e-mail",
    ),
    (
        "it exchanges names with others, and cannot step aside: {~}",
        "обменивается именем с другими и временного не получает: {~}",
    ),
    ("Alma does not show which are there", "Alma не показывает, какие в ней есть"),
    ("some of those in Alma have no id there", "у некоторых из тех, что в Alma, нет там id"),
    ("Alma does not take it: {~}", "Alma не принимает: {~}"),
    (
        "{~}; make it smaller there, or raise alma.max_file_bytes",
        "{~}; уменьшите его там или увеличьте alma.max_file_bytes",
    ),
    ("Bitrix24 no longer has it", "в Битрикс24 его больше нет"),
    (
        "its link in Bitrix24 does not lead to the portal",
        "его ссылка в Битрикс24 ведёт не на портал",
    ),
    (
        "Bitrix24 answered with a page, or nothing, in the place of the file",
        "вместо файла Битрикс24 ответил страницей или ничем",
    ),
    ("Bitrix24 hands it out too slowly", "Битрикс24 отдаёт его слишком медленно"),
    ("block was refused: {~}", "в блокировке отказано: {~}"),
    (
        "{~}; an earlier attempt, whose answer was lost, may have done it: look into Alma",
        "{~}; прошлая попытка, ответ на которую потерян, могла это сделать: посмотрите в Alma",
    ),
];
