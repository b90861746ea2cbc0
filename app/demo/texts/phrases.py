"""What is said whatever the topic: later replies, last words, notes."""

FURTHER = {
    "it": (
        "abbiamo ricevuto tutto, grazie. La aggiorniamo qui appena ci sono novità.",
        "manca ancora un foglio firmato: può caricarlo qui entro il {day}?",
        "ci siamo informati: conviene aspettare il {day}, poi procediamo noi.",
        "va bene così. Se riceve una comunicazione, ce la giri qui senza aspettare.",
        "abbiamo sollecitato per telefono: ci rispondono entro il {day}.",
    ),
    "en": (
        "we have everything now, thank you. We will write here as soon as there is news.",
        "one signed page is missing: could you upload it by {day}?",
        "we asked: it is better to wait until {day}, then we will go ahead.",
        "that is fine. If you receive a letter, please send us a photo of it here.",
    ),
}
"""The desk's replies after the first."""

LAST = {
    "it": (
        "la pratica è conclusa: non deve fare altro. Le auguriamo una buona giornata.",
        "abbiamo inviato tutto e la ricevuta è nei suoi documenti. Chiudiamo qui la richiesta.",
        "come d'accordo per telefono, per noi è tutto a posto.",
    ),
    "en": (
        "everything is done and there is nothing left for you to do. All the best!",
        "we have sent it all, so we close this request. You can always open a new one.",
    ),
}
"""The reply that closes a ticket."""

NOTES = (
    "Sentito al telefono: preferisce essere contattato dopo le 17.",
    "Documenti controllati, manca solo la firma in originale.",
    "<b>Attenzione alla scadenza</b>: va chiuso entro fine mese.",
    "Il fascicolo cartaceo è nell'armadio 3, secondo ripiano.",
    "Ho verificato sul portale: pratica ancora in lavorazione.",
    "Caso simile risolto la settimana scorsa, uso lo stesso modello.",
)
"""What operators tell each other."""

NOTES_TO_SOMEBODY = (
    "{colleague}, puoi guardarlo tu? Io sono fuori domani.",
    "{colleague}: ti ricordi come avevamo fatto l'anno scorso?",
    "Ne ho parlato con {colleague}, procediamo così.",
)
"""The same, mentioning one."""

REASONS = (
    "Serve chi conosce la normativa più recente.",
    "Caso complicato, lo passo a un esperto.",
    "Argomento sbagliato all'apertura.",
    None,
)
"""Why a level or a category was changed."""
