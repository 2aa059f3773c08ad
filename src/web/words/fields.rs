//! What kinds, systems, operations and fields are called.

use super::Lang;

type Named = (&'static str, &'static str, &'static str);

const KINDS: &[Named] = &[
    ("counter", "Прибор учёта", "Meter"),
    ("resident", "Жилец", "Resident"),
    ("payment", "Оплата", "Payment"),
    ("account", "Лицевой счёт", "Account"),
    ("request", "Заявка", "Request"),
    ("object", "Объект", "Object"),
    ("article", "Статья", "Article"),
    ("news", "Новость", "News"),
    ("notice", "Уведомление", "Notice"),
    ("requesttoregister", "Заявка на регистрацию", "Request to register"),
    ("requesttoobjectadding", "Заявка на добавление объекта", "Request to add an object"),
    ("car", "Автомобиль", "Car"),
    ("premises", "Помещение", "Premises"),
    ("deal", "Сделка", "Deal"),
    ("ready_flat", "Готово к передаче", "Ready to be handed over"),
    ("apartment", "Апартаменты", "Apartment"),
    ("unit", "Юнит", "Unit"),
    ("owner_contract", "Договор владельца", "Owner's contract"),
    ("tenant_contract", "Договор арендатора", "Tenant's contract"),
    ("contact", "Контакт", "Contact"),
    ("building", "Здание", "Building"),
    ("room", "Комната", "Room"),
    ("client", "Клиент", "Client"),
    // Of MACRO.
    ("flat", "Квартира", "Flat"),
    ("garage", "Парковка", "Parking"),
    ("storageroom", "Кладовая", "Storage room"),
    ("comm", "Коммерческое помещение", "Commercial premises"),
    ("any", "Объект", "Object"),
];

const SYSTEMS: &[Named] = &[
    ("uzhkh", "Умное ЖКХ", "Umnoe ZhKH"),
    ("domoplaner", "Домопланер", "Domoplaner"),
    ("macrocrm", "MACRO", "MACRO"),
    ("bitrix24", "Битрикс24", "Bitrix24"),
    ("alma", "Alma", "Alma"),
    ("ledger", "Журнал", "Ledger"),
];

const OPS: &[Named] = &[
    ("SetId", "Присвоение id", "Setting an id"),
    ("HandleRequestToRegister", "Решение о регистрации", "Decision on a registration"),
    ("HandleRequestToObjectAdding", "Решение о добавлении объекта", "Decision on adding an object"),
    ("add", "Бронирование ключей", "Booking of keys"),
    ("block", "Блокировка", "Block"),
    ("name", "Присвоение имён", "Naming"),
    ("decide", "Решение по заявке", "Decision"),
    ("book", "Бронирование ключей", "Booking of keys"),
    ("settle", "Исход вызова", "Outcome of a call"),
    ("quarantine-retry", "Повтор из карантина", "Retry from quarantine"),
    ("quarantine-acknowledge", "Отказ от записи карантина", "Giving up from quarantine"),
    ("alma-retry", "Повтор в Alma", "Retry in Alma"),
    ("alma-release", "Отпущено в Alma", "Release in Alma"),
    ("alma-block", "Блокировка в Alma", "Block in Alma"),
    ("alma-unblock", "Разблокировка в Alma", "Unblock in Alma"),
    ("resync", "Полная сверка", "Full resync"),
    ("accept-shrink", "Сокращение списка принято", "Shrink accepted"),
    ("poll", "Опрос", "Poll"),
    ("reveal", "Показ секрета", "Secret shown"),
];

const FIELDS: &[Named] = &[
    ("Surname", "Фамилия", "Surname"),
    ("Name", "Имя", "First name"),
    ("Patronymic", "Отчество", "Patronymic"),
    ("UrCompanyName", "Организация", "Company"),
    ("Email", "E-mail", "E-mail"),
    ("Phone", "Телефон", "Phone"),
    ("IsEmployer", "Арендатор", "Tenant"),
    ("IsOwner", "Собственник", "Owner"),
    ("ParentResidentId", "Кем добавлен", "Added by"),
    ("AccountNumber", "Номер лицевого счёта", "Account number"),
    ("IsActive", "Действует", "Active"),
    ("ApartmentID", "Квартира", "Flat"),
    ("TypeObject", "Тип объекта", "Type"),
    ("DateTimeOpen", "Открыт", "Opened"),
    ("DateTimeClose", "Закрыт", "Closed"),
    ("SpelledOutPerson", "Прописано", "Permanently registered"),
    ("RegisteredPerson", "Зарегистрировано", "Registered"),
    ("LivingPerson", "Проживает", "Living"),
    ("RelatedAccountId", "Связанный счёт", "Related account"),
    ("Balance", "Баланс", "Balance"),
    ("Persons", "Люди", "People"),
    ("Address", "Адрес", "Address"),
    ("Locality", "Населённый пункт", "Locality"),
    ("Street", "Улица", "Street"),
    ("HouseNumber", "Дом", "House"),
    ("FlatNumber", "Номер квартиры", "Flat number"),
    ("SquareAll", "Площадь", "Area"),
    ("SquareLiving", "Жилая площадь", "Living area"),
    ("CountRooms", "Комнат", "Rooms"),
    ("EtazhNumber", "Этаж", "Floor"),
    ("PodyezdNumber", "Подъезд", "Entrance"),
    ("HouseId", "Id дома", "House id"),
    ("YearOfHouse", "Год постройки", "Built in"),
    ("SipNumber", "SIP-номер", "SIP number"),
    ("SipPassword", "SIP-пароль", "SIP password"),
    ("SerialNumber", "Заводской номер", "Serial number"),
    ("Value1", "Показание 1", "Reading 1"),
    ("Value2", "Показание 2", "Reading 2"),
    ("Value3", "Показание 3", "Reading 3"),
    ("DateTimeForValue", "Показание от", "Read on"),
    ("CounterTypeIdentifier", "Тип прибора", "Type of meter"),
    ("IsPublish", "Опубликовано", "Published"),
    ("FlatId", "Квартира", "Flat"),
    ("CheckDate", "Следующая поверка", "Next verification"),
    ("CommissioningDate", "Ввод в работу", "Commissioned"),
    ("Number", "Номер", "Number"),
    ("Title", "Заголовок", "Title"),
    ("Description", "Описание", "Description"),
    ("Summary", "Итог", "Summary"),
    ("CreationDate", "Создана", "Created"),
    ("FinishDate", "Плановый срок", "Due"),
    ("AccountId", "Лицевой счёт", "Account"),
    ("ResidentId", "Жилец", "Resident"),
    ("Status", "Статус", "Status"),
    ("Service", "Услуга", "Service"),
    ("RequestType", "Подтип заявки", "Subtype of request"),
    ("WorkType", "Тип заявки", "Type of request"),
    ("TimeFrom", "Время с", "Time from"),
    ("TimeTo", "Время до", "Time to"),
    ("DispatcherName", "Диспетчер", "Dispatcher"),
    ("ServiceCategory", "Категория услуги", "Category of service"),
    ("IdentifierService", "Идентификатор услуги", "Identifier of service"),
    ("IdentifierServiceCategory", "Идентификатор категории услуги", "Identifier of category"),
    ("ServiceGuid", "Guid услуги", "Guid of service"),
    ("ResponsibleId", "Id ответственного", "Id of the responsible"),
    ("ExecutorId", "Id исполнителя", "Id of the executor"),
    ("IsCrash", "Авария", "Emergency"),
    ("IsImportant", "Важная", "Important"),
    ("IsPayable", "Подлежит оплате", "To be paid for"),
    ("IsGuarantee", "Гарантийная", "Under guarantee"),
    ("IsComplaint", "Жалоба", "Complaint"),
    ("IsReasonable", "Обоснованная", "Justified"),
    ("IsRepeated", "Повторная", "Repeated"),
    ("Rating", "Оценка", "Rating"),
    ("RatingComment", "Комментарий к оценке", "Comment on the rating"),
    ("IsPayment", "Оплачено", "Paid"),
    ("PaymentSum", "К оплате", "To pay"),
    ("DelayedPaymentDateTime", "Оплатить до", "To be paid until"),
    ("Files", "Файлы жителя", "Resident's files"),
    ("FilesFromExecutor", "Файлы исполнителя", "Executor's files"),
    ("SourceComment", "Исходный комментарий", "Original comment"),
    ("CarBrand", "Марка автомобиля", "Make of the car"),
    ("CarModel", "Модель автомобиля", "Model of the car"),
    ("CarNumber", "Номер автомобиля", "Number of the car"),
    ("Time", "Время", "Time"),
    ("ProviderInn", "ИНН поставщика", "INN of the provider"),
    ("InitiatorSurname", "Фамилия инициатора", "Initiator's surname"),
    ("InitiatorName", "Имя инициатора", "Initiator's first name"),
    ("InitiatorPatronymic", "Отчество инициатора", "Initiator's patronymic"),
    ("IdCounter", "Прибор учёта", "Meter"),
    ("CurrentPhone", "Телефон для связи", "Phone"),
    ("CurrentEmail", "E-mail для связи", "E-mail"),
    ("Sum", "Сумма", "Sum"),
    ("Commission", "Комиссия", "Commission"),
    ("DateTime", "Дата и время", "Date and time"),
    ("AccrualDate", "За период", "For the period"),
    ("ServiceTitle", "Услуга", "Service"),
    ("IdRequest", "Заявка", "Request"),
    ("OrderNumber", "Номер заказа", "Order number"),
    ("OrderId", "Id транзакции", "Id of the transaction"),
    ("IsRequest", "Оплата заявки", "Payment for a request"),
    ("FromWeb", "Из кабинета", "From the web"),
    ("FromMobile", "Из приложения", "From the app"),
    ("IsInsurance", "Страхование", "Insurance"),
    ("InsurancePeriod", "Период страхования", "Period of insurance"),
    ("InsuranceNumber", "Номер полиса", "Number of the policy"),
    ("InsuranceId", "Id страхования", "Id of the insurance"),
    ("IsAutopay", "Автоплатёж", "Automatic payment"),
    ("ContractorName", "Подрядчик", "Contractor"),
    ("Brand", "Марка", "Brand"),
    ("Model", "Модель", "Model"),
    ("PhoneDriver", "Телефон водителя", "Driver's phone"),
    ("IsTemp", "Временный", "Temporary"),
    ("TypeName", "Тип", "Type"),
    ("Text", "Текст", "Text"),
    ("Date", "Дата", "Date"),
    ("IsForExecutors", "Для исполнителей", "For executors"),
    ("IsForResponsibles", "Для ответственных", "For the responsible"),
    ("IsForContractors", "Для подрядчиков", "For contractors"),
    ("IsForDisp", "Для диспетчеров", "For dispatchers"),
    ("IsForParking", "Для владельцев паркинга", "For owners of parking"),
    ("IsForNoParking", "Для тех, у кого нет паркинга", "For those without parking"),
    ("PushText", "Текст push-сообщения", "Push message"),
    ("EmailTitle", "Тема письма", "Subject of the e-mail"),
    ("EmailText", "Текст письма", "Text of the e-mail"),
    ("SmsText", "Текст SMS", "Text of the SMS"),
    ("HousesIds", "Id домов", "Ids of houses"),
    ("ResidentsIds", "Id жильцов", "Ids of residents"),
    ("ResidentToFlatsIds", "Id лицевых счетов", "Ids of accounts"),
    ("number", "Номер", "Number"),
    ("status", "Статус", "Status"),
    ("price", "Цена", "Price"),
    ("area", "Площадь", "Area"),
    ("rooms", "Комнат", "Rooms"),
    ("project", "Проект", "Project"),
    ("stage", "Очередь", "Stage"),
    ("house", "Дом", "House"),
    ("section", "Секция", "Section"),
    ("floor", "Этаж", "Floor"),
    ("dogovor_number", "Номер договора", "Contract number"),
    ("dogovor_day", "Дата договора", "Date of the contract"),
    ("deal_status", "Статус сделки", "Status of the deal"),
    ("flat_id", "Помещение", "Premises"),
    ("title", "Дом", "House"),
    ("category", "Категория", "Category"),
    ("flat", "Номер", "Number"),
    ("house_id", "Id дома", "House id"),
    // Of calls.
    ("transfer_date", "Передача ключей", "Handover"),
    ("flat_num", "Номер", "Number"),
    ("phone", "Телефон", "Phone"),
    ("cause", "Причина", "Cause"),
    ("accountNumber", "Номер лицевого счёта", "Account number"),
    ("isApprove", "Одобрить", "Approve"),
    ("isReject", "Отклонить", "Reject"),
    ("isSendNotification", "Уведомить", "Notify"),
    ("type", "Вид", "Kind"),
    ("uzhkId", "Id в УЖКХ", "Id in UZhKH"),
    ("externalId", "Постоянный id", "Permanent id"),
    ("is_blocked", "Заблокировать", "Block"),
];

const ALMA_STATES: &[Named] = &[
    ("held", "ждёт решения", "held"),
    ("rejected", "Alma отказала", "rejected"),
    ("blocked", "чего-то не хватает", "blocked"),
    ("pending", "ждёт отправки", "pending"),
    ("synced", "передано", "synced"),
    ("archived", "в архиве", "archived"),
    ("ended", "закончено", "ended"),
    ("excluded", "не передаётся", "excluded"),
];

const OUTCOMES: &[Named] = &[
    ("approved", "одобрено", "approved"),
    ("rejected", "отклонено", "rejected"),
    ("done", "исполнено", "done"),
    ("failed", "не исполнено", "not done"),
    ("applied", "применено", "applied"),
    ("given up", "отказались", "given up"),
    ("asked", "поручено службе", "asked of the service"),
    ("accepted", "принято", "accepted"),
    ("released", "отпущено", "released"),
    ("retried", "повторяется", "tried again"),
    ("blocked", "блокируется", "to be blocked"),
    ("unblocked", "разблокируется", "to be unblocked"),
];

/// What came of an act: a word, or a word and how many.
pub(in crate::web) fn outcome(lang: Lang, text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((word, number)) if number.bytes().all(|one| one.is_ascii_digit()) => {
            format!("{}: {number}", called(OUTCOMES, lang, word))
        }
        _ => called(OUTCOMES, lang, text).to_owned(),
    }
}

fn called<'w>(table: &[Named], lang: Lang, word: &'w str) -> &'w str {
    let found = table.iter().find(|(known, ..)| *known == word);
    found.map_or(word, |(_, ru, en)| lang.pick(ru, en))
}

/// What a kind of record or of Alma's objects is called.
pub(in crate::web) fn kind(lang: Lang, word: &str) -> &str {
    called(KINDS, lang, word)
}

/// What the state of an object of Alma is called.
pub(in crate::web) fn alma_state(lang: Lang, word: &str) -> &str {
    called(ALMA_STATES, lang, word)
}

/// What an act was on: a call by its number, else `SYSTEM/KIND/ID` or less of it.
pub(in crate::web) fn target(lang: Lang, text: &str) -> String {
    let mut parts = text.splitn(3, '/');
    let (first, kind_of, id) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let Some(kind_of) = kind_of else {
        return format!("{} {first}", lang.pick("Вызов", "Call"));
    };
    let whole = format!("{} · {}", system(lang, first), kind(lang, kind_of));
    id.map_or(whole.clone(), |id| format!("{whole} {id}"))
}

/// What a system is called.
pub(in crate::web) fn system(lang: Lang, word: &str) -> &str {
    called(SYSTEMS, lang, word)
}

/// What an operation of a call, or a verb of the log, is called.
pub(in crate::web) fn op(lang: Lang, word: &str) -> &str {
    called(OPS, lang, word)
}

/// What a member of a record is called.
pub(in crate::web) fn field(lang: Lang, word: &str) -> &str {
    called(FIELDS, lang, word)
}
