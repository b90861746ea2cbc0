"""What the pages say, in the languages of the desk."""

ENGLISH = {
    "open_title": "Your conversation",
    "open_text": "This link opens one conversation with us, and nothing else.",
    "open_button": "Open the conversation",
    "expired_title": "This link does not work any more",
    "expired_text": "It has expired or was withdrawn. We can send you a new one.",
    "email": "Your email address",
    "send_link": "Send me a link",
    "sent_title": "Look into your mail",
    "sent_text": "If we know this address, a link is on its way.",
    "too_many": "Too many attempts: try again later.",
    "reply": "Your message",
    "send": "Send",
    "closed": "This conversation is closed.",
    "us": "Us",
    "you": "You",
    "password_title": "Set a password",
    "password": "New password (12 characters or more)",
    "set": "Set the password",
    "set_title": "Your password is set",
    "set_text": "You can sign in with it now. This page may be closed.",
    "wrong_origin": "This form came from elsewhere: open the page again.",
}
ITALIAN = {
    "open_title": "La tua conversazione",
    "open_text": "Questo link apre una sola conversazione con noi, e nient'altro.",
    "open_button": "Apri la conversazione",
    "expired_title": "Questo link non funziona più",
    "expired_text": "È scaduto o è stato ritirato. Possiamo inviartene uno nuovo.",
    "email": "Il tuo indirizzo email",
    "send_link": "Inviami un link",
    "sent_title": "Guarda nella posta",
    "sent_text": "Se conosciamo questo indirizzo, un link è in arrivo.",
    "too_many": "Troppi tentativi: riprova più tardi.",
    "reply": "Il tuo messaggio",
    "send": "Invia",
    "closed": "Questa conversazione è chiusa.",
    "us": "Noi",
    "you": "Tu",
    "password_title": "Imposta una password",
    "password": "Nuova password (12 caratteri o più)",
    "set": "Imposta la password",
    "set_title": "La password è impostata",
    "set_text": "Ora puoi usarla per accedere. Puoi chiudere questa pagina.",
    "wrong_origin": "Il modulo viene da altrove: riapri la pagina.",
}
RUSSIAN = {
    "open_title": "Ваша переписка",
    "open_text": "Эта ссылка открывает одну нашу переписку, и больше ничего.",
    "open_button": "Открыть переписку",
    "expired_title": "Эта ссылка больше не действует",
    "expired_text": "Срок её истёк, или она отозвана. Мы можем прислать новую.",
    "email": "Ваш адрес электронной почты",
    "send_link": "Прислать ссылку",
    "sent_title": "Проверьте почту",
    "sent_text": "Если этот адрес нам известен, ссылка уже отправлена.",
    "too_many": "Слишком много попыток: попробуйте позже.",
    "reply": "Ваше сообщение",
    "send": "Отправить",
    "closed": "Эта переписка закрыта.",
    "us": "Мы",
    "you": "Вы",
    "password_title": "Задать пароль",
    "password": "Новый пароль (не короче 12 знаков)",
    "set": "Задать пароль",
    "set_title": "Пароль задан",
    "set_text": "Теперь можно войти. Эту страницу можно закрыть.",
    "wrong_origin": "Форма пришла не отсюда: откройте страницу снова.",
}
LANGUAGES = {"en": ENGLISH, "it": ITALIAN, "ru": RUSSIAN}


def language_of(said: str) -> str:
    """The first language of ours in Accept-Language, or a contact's own; English otherwise."""
    for one in said.split(","):
        code = one.partition(";")[0].strip().partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return "en"
