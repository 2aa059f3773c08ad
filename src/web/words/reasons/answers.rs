//! What is wrong with an answer.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    ("it is too long", "слишком длинный"),
    ("it is not UTF-8", "не в UTF-8"),
    ("it has no id", "нет id"),
    ("it is not an object", "не объект JSON"),
    ("it is not a JSON object", "не объект JSON"),
    ("it is not JSON", "не JSON"),
    ("it is not true", "не true"),
    ("it is empty", "пустой"),
    ("it is an HTML page", "страница HTML"),
    ("it is a page for people", "страница для людей"),
    ("a page for people", "страница для людей"),
    ("its status is another", "у него другой код HTTP"),
    ("its status is an error's", "у него код HTTP ошибки"),
    ("nothing is there; is {} right?", "там ничего нет; верен ли {}?"),
    ("a member is not as documented", "поле не по описанию"),
    ("the list has it", "значение есть в списке"),
    ("its words quote the link, and are not kept", "в словах есть ссылка, они не хранятся"),
    ("taken with HTTP {}, and no id of it in the answer", "принято (HTTP {}), а id в ответе нет"),
    (
        "Alma has no such call; it is done in its web interface",
        "в API Alma такого вызова нет; это делается в самой Alma",
    ),
    (
        "the external id is empty, . or .., which no address can name",
        "внешний id пустой, . или ..: такого в адресе не назвать",
    ),
    ("a page brings nothing, and names a next one", "страница пустая, а следующая названа"),
    ("it has no end", "у него нет конца"),
    ("it is no list of objects with ids", "не список объектов с id"),
    ("it holds no list of objects with ids", "в нём нет списка объектов с id"),
    ("its next page has an address without a query", "адрес следующей страницы без параметров"),
    ("it has no result", "нет result"),
    ("its result is not an object", "result не объект"),
    ("a part of its result is not an object", "часть result не объект"),
    ("its result is not a list", "result не список"),
    ("the batch says nothing of it", "в ответе на batch об этом ничего нет"),
    ("it is empty and says that there are rows", "пустой, а говорит, что строки есть"),
    ("its rows are not ordered by id, or come again", "строки не по порядку id или повторяются"),
    ("none of its rows has an id", "ни у одной строки нет id"),
    ("it has no item", "нет item"),
    ("no id", "нет id"),
    ("its status_code is not a number", "status_code не число"),
    ("it has neither status_code nor data", "нет ни status_code, ни data"),
    ("it has no data", "нет data"),
    ("its data is not a list", "data не список"),
    ("its data is not an object", "data не объект"),
    ("its data has no houses", "в data нет houses"),
    ("its houses are not a list", "houses не список"),
    ("a time in it is not text", "время в нём не текст"),
    (
        "too many requests for the portal (QUERY_LIMIT_EXCEEDED); does another program ask from this address?",
        "слишком много запросов к порталу (QUERY_LIMIT_EXCEEDED); с этого адреса спрашивает и другая программа?",
    ),
    (
        "the method has used up the time that the portal gives it (OPERATION_TIME_LIMIT); it has some again in {}",
        "время, которое портал даёт методу, исчерпано (OPERATION_TIME_LIMIT); новое будет через {}",
    ),
    (
        "the method has used up the time that the portal gives it (OPERATION_TIME_LIMIT)",
        "время, которое портал даёт методу, исчерпано (OPERATION_TIME_LIMIT)",
    ),
    (
        "the portal has shut REST for overload (OVERLOAD_LIMIT); it is left alone for a while, ask Bitrix24's support",
        "портал отключил REST из-за нагрузки (OVERLOAD_LIMIT); служба даёт ему покой, спросите поддержку Битрикс24",
    ),
    (
        "check bitrix24.webhook_url, that the webhook has the right \"crm\", and its user's access",
        "проверьте bitrix24.webhook_url, право вебхука «crm» и доступ его пользователя",
    ),
    ("check the access of the webhook's user", "проверьте доступ пользователя вебхука"),
    (
        "are the numbers of the smart processes in [bitrix24] those of this portal?",
        "номера смарт-процессов в [bitrix24] от этого портала?",
    ),
    ("does the webhook have the right \"crm\"?", "есть ли у вебхука право «crm»?"),
    (
        "check macrocrm.domain, macrocrm.app_secret and this host's clock",
        "проверьте macrocrm.domain, macrocrm.app_secret и часы этого сервера",
    ),
    (
        "not found (HTTP 404); is the feed still there in Domoplaner, and the link right?",
        "не найдено (HTTP 404); есть ли ещё эта выгрузка в Домопланере и верна ли ссылка?",
    ),
    ("it was not read to its end within {}", "не прочитано до конца за {}"),
    ("is it a feed of the format JSON?", "это выгрузка в формате JSON?"),
    (
        "it brought something new at each of {} fetches in a row; the next poll goes on",
        "каждый из {} запросов подряд приносил новое; продолжит следующий опрос",
    ),
    (
        "it ignores page: it answered with another one",
        "параметр page не действует: пришла другая страница",
    ),
    ("it ignores page: it repeats itself", "параметр page не действует: страницы повторяются"),
    ("it never says NoResults", "NoResults не приходит никогда"),
    ("it repeats what it has shown before", "повторяется уже показанное"),
    ("it could not be recorded: {}", "записать не удалось: {}"),
    (
        "more than {} of its items cannot be understood, the first one because: {~}; is it the right list, and id_field right?",
        "не понять больше {} записей, первую потому: {~}; тот ли это список и верен ли id_field?",
    ),
    (
        "the directory of the ledger cannot take what was read: {}",
        "прочитанное не помещается в каталог журнала: {}",
    ),
    ("it does not give back what was put in", "обратно читается не то, что записано"),
    ("it cannot be spooled beside the ledger: {}", "не сохранить рядом с журналом: {}"),
    ("it has more than {} bytes", "в нём больше {} байт"),
    (
        "the list has it more than once; the last one counts",
        "в списке несколько раз; считается последнее",
    ),
    (
        "the token has characters that an HTTP header cannot hold; check it for line breaks",
        "в ключе знаки, недопустимые в заголовке HTTP; проверьте, нет ли в нём переносов строки",
    ),
    ("http.ca_file: {} cannot be read: {}", "http.ca_file: {} не прочитать: {}"),
    (
        "http.ca_file: {} is not a PEM bundle of certificates",
        "http.ca_file: {} не сертификаты в формате PEM",
    ),
    (
        "http.proxy is not the address of an HTTP proxy (http://HOST:PORT)",
        "http.proxy не адрес прокси HTTP (http://HOST:PORT)",
    ),
    (
        "no HTTP client could be made; are this host's CA certificates installed (package ca-certificates)?",
        "клиент HTTP не создать; установлены ли на сервере сертификаты центров (пакет ca-certificates)?",
    ),
    (
        "expected an object with a list as data, items, flats, deals, objects or result, or with projects, stages, houses, \
         houses_without_stage, sections or floors, and got one without; the config key items can name the list",
        "ожидался объект со списком data, items, flats, deals, objects или result либо с projects, stages, houses, \
         houses_without_stage, sections или floors; пришёл без них. Список можно назвать в настройке items",
    ),
    (
        "expected flats in projects, stages, houses, sections or floors, and found none of the lists of them; the config \
         key items can name another list",
        "ожидались квартиры в projects, stages, houses, sections или floors, таких списков нет; другой список можно \
         назвать в настройке items",
    ),
    (
        "{~}; the config key items can name the right one",
        "{~}; верный можно назвать в настройке items",
    ),
    ("{} stands twice", "{} указано дважды"),
    ("{} and {} could both be the list", "списком могут быть и {}, и {}"),
    (
        "expected a list at {}, as the config key items says, and found nothing there",
        "ожидался список в {}, как сказано в настройке items, там ничего нет",
    ),
    (
        "what stands at {}, which the config key items names, is not an array",
        "в {}, названном в настройке items, не массив",
    ),
    (
        "over {} projects, stages, houses, sections and floors, or over {} bytes of their ids and titles",
        "больше {} проектов, очередей, домов, секций и этажей или больше {} байт их id и названий",
    ),
    ("this program does not know the operation", "программа не знает этого действия"),
];
