//! Why a poll or a call failed.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    (
        "the schema {} holds {} that the relay did not make, or not whole; nothing was touched: name another one by \
         relay.schema",
        "в схеме {} есть {}, сделано не этой службой или не целиком; ничего не тронуто: назовите другую в relay.schema",
    ),
    (
        "the schema {} was made by a newer relay (version {}, this one knows {}): install the newer uzhkh-ledger",
        "схему {} сделала более новая версия службы ({}, эта знает {}): установите новую",
    ),
    ("no connection within {}", "соединения нет уже {}"),
    ("HTTP {}; it asks to wait {}", "HTTP {}; просит подождать {}"),
    (
        "refused with HTTP {}; check the token, secret or link, and that our address is on the allow-list",
        "отказано (HTTP {}); проверьте ключ, секрет или ссылку и внесён ли наш адрес в список разрешённых",
    ),
    (
        "a call was refused; check the token and that our address is on the allow-list",
        "в вызове отказано; проверьте ключ и внесён ли наш адрес в список разрешённых",
    ),
    (
        "redirected (HTTP {}); redirects are not followed, the configured URL must be the final address",
        "перенаправление (HTTP {}); по перенаправлениям служба не ходит, в настройках нужен конечный адрес",
    ),
    ("refused with HTTP {}", "отказано (HTTP {})"),
    (
        "not found (HTTP 404); is uzhkh.base_url the internal link that UZhKH's support gave out?",
        "не найдено (HTTP 404); в uzhkh.base_url та ли внутренняя ссылка, которую выдала поддержка УЖКХ?",
    ),
    (
        "not sent: paused for another {} after we were refused",
        "не отправлено: после отказа пауза, ещё {}",
    ),
    (
        "not sent: given up for this pass, since earlier requests failed",
        "не отправлено: в этом проходе не удались предыдущие запросы",
    ),
    (
        "not sent: the request could not be built; check the configured URL",
        "не отправлено: запрос не составить; проверьте адрес в настройках",
    ),
    (
        "not sent: Alma has another one in its place by now; ask for it again",
        "не отправлено: в Alma теперь на этом месте другой объект; запросите ещё раз",
    ),
    (
        "not sent: alma.base_url is another one, and Alma has not answered there yet; ask for it again",
        "не отправлено: alma.base_url теперь другой, и по нему Alma ещё не отвечала; запросите ещё раз",
    ),
    ("not sent: call {} came after it", "не отправлено: после него пришёл вызов {}"),
    (
        "not sent: its time had passed; book another one",
        "не отправлено: время прошло; забронируйте другое",
    ),
    ("not sent: {~}", "не отправлено: {~}"),
    ("cannot connect: {~}", "нет соединения: {~}"),
    (
        "no answer within {}; the request may have been received",
        "нет ответа в течение {}; запрос мог быть получен",
    ),
    ("no answer within {}", "ответа нет уже {}"),
    (
        "no answer: {~}; the request may have been received",
        "нет ответа: {~}; запрос мог быть получен",
    ),
    (
        "the answer stopped: nothing more came within {}",
        "ответ прервался: в течение {} ничего не пришло",
    ),
    ("the answer took longer than {} to read", "ответ читался дольше {}"),
    (
        "the answer came too slowly: less than {} bytes a second over {}",
        "ответ шёл слишком медленно: меньше {} байт в секунду за {}",
    ),
    (
        "the answer had no end: it was waited for {} in all",
        "ответ так и не закончился: ждали его в общей сложности {}",
    ),
    ("the answer was cut short: {~}", "ответ оборвался: {~}"),
    (
        "the encoding of the answer is not understood: {}; only gzip was asked for",
        "ответ сжат непонятным образом: {}; запрашивался только gzip",
    ),
    (
        "the proxy refuses its user or password (HTTP 407); check http.proxy",
        "прокси не принимает имя или пароль (HTTP 407); проверьте http.proxy",
    ),
    (
        "the answer is larger than http.max_body_bytes ({} bytes)",
        "ответ больше, чем http.max_body_bytes ({} байт)",
    ),
    (
        "the answer is larger than the {} bytes that it could have",
        "ответ больше допустимых {} байт",
    ),
    (
        "the host name was not found; check the configured URL and the name server",
        "имя сервера не найдено; проверьте адрес в настройках и сервер имён",
    ),
    (
        "timed out; check the configured URL, the firewall and the proxy",
        "время вышло; проверьте адрес в настройках, межсетевой экран и прокси",
    ),
    (
        "connection refused; check the configured URL, its port and http.proxy",
        "в соединении отказано; проверьте адрес и порт в настройках и http.proxy",
    ),
    (
        "the connection was closed while it was being set up",
        "соединение закрыто, пока устанавливалось",
    ),
    (
        "the local address is not one of this host's; check http.local_address",
        "локального адреса на этом сервере нет; проверьте http.local_address",
    ),
    (
        "no route to the host; check the network and http.local_address",
        "нет маршрута к серверу; проверьте сеть и http.local_address",
    ),
    (
        "the host has no address that http.local_address reaches: one is IPv4, the other IPv6",
        "у сервера нет адреса, достижимого с http.local_address: один IPv4, другой IPv6",
    ),
    (
        "the TLS handshake failed; check the configured URL and the port",
        "не удалось согласовать TLS; проверьте адрес и порт в настройках",
    ),
    (
        "the connection could not be set up; check the configured URL, http.proxy and the network",
        "соединение не установить; проверьте адрес в настройках, http.proxy и сеть",
    ),
    (
        "the server's certificate is of an unknown issuer; http.ca_file can add one",
        "сертификат сервера выдан неизвестным центром; его можно добавить в http.ca_file",
    ),
    (
        "the server's certificate is self-signed; it needs one issued by a CA, which http.ca_file can name",
        "сертификат сервера подписан им самим; нужен выданный центром, который можно назвать в http.ca_file",
    ),
    ("the server's certificate has expired", "срок сертификата сервера истёк"),
    ("the server's certificate is for another host name", "сертификат сервера выдан на другое имя"),
    ("the server's certificate was not accepted", "сертификат сервера не принят"),
    ("something came that is not HTTP", "пришло что-то, что не HTTP"),
    ("the connection was reset", "соединение сброшено"),
    ("the connection timed out", "время соединения вышло"),
    ("it cannot be decompressed", "его не распаковать"),
    ("the connection was closed", "соединение закрыто"),
    ("its JSON breaks off", "JSON обрывается"),
    (
        "expected JSON, got what looks like HTML or XML; is uzhkh.base_url right?",
        "ожидался JSON, пришло похожее на HTML или XML; верен ли uzhkh.base_url?",
    ),
    (
        "expected JSON, got what looks like HTML or XML",
        "ожидался JSON, пришло похожее на HTML или XML",
    ),
    ("expected JSON, got an empty answer", "ожидался JSON, пришёл пустой ответ"),
    (
        "expected JSON, got compressed data that was not asked for",
        "ожидался JSON, пришли сжатые данные",
    ),
    (
        "expected a JSON array or an object with a list in it, got something else",
        "ожидался массив JSON или объект со списком, пришло другое",
    ),
    ("expected an object with Items, got one without", "ожидался объект с Items, пришёл без него"),
    ("the JSON is broken at byte {}", "JSON испорчен на байте {}"),
    ("the answer breaks off after {} bytes", "ответ обрывается после {} байт"),
    ("an answer that is not documented (HTTP {}): {}", "ответ не по описанию (HTTP {}): {}"),
    ("an answer that is not documented (HTTP {})", "ответ не по описанию (HTTP {})"),
    ("the service stops", "служба останавливается"),
    ("refused: {}", "отказано: {}"),
    ("refused (status_code {})", "отказано (status_code {})"),
    ("refused ({})", "отказано ({})"),
    ("refused", "отказано"),
    (
        "it has more than {} items; narrow it down with filters, or split it",
        "в ней больше {} записей; сузьте отборами или разделите",
    ),
    // What came of a call.
    ("the program ended before an answer came", "программа завершилась до ответа"),
    ("no answer came", "ответ не пришёл"),
    ("no answer", "нет ответа"),
    // Fits whatever is said of a status.
    ("HTTP {}", "HTTP {}"),
];
