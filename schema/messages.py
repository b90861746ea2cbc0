"""What refusals say to people, in the languages of the desk; the type name is the contract."""

from resolvers import refusals
from resolvers.refusals import Refusal

ENGLISH: dict[type[Refusal], str] = {
    refusals.NotFound: "There is no such thing, or you may not see it.",
    refusals.NotPermitted: "This is not yours to do here.",
    refusals.InvalidInput: "Some of the input cannot be used: see fields.",
    refusals.TicketLocked: "{holder} is replying to this ticket.",
    refusals.LockLost: "The reply lock is no longer yours.",
    refusals.ConversationMovedOn: "Somebody wrote meanwhile: read it before you answer.",
    refusals.TicketAlreadyClosed: "This ticket is closed. Open a follow-up to go on.",
    refusals.AssigneeCannotSee: "{assignee} would not see this ticket.",
    refusals.IdempotencyConflict: "This idempotency key came with other input before.",
    refusals.NothingToTake: "No ticket is waiting for you.",
    refusals.TicketStillOpen: "It can be rated once it is closed.",
    refusals.RatingClosed: "It is not asked to be rated, or its rating can no longer be changed.",
    refusals.DraftConflict: "This text was saved elsewhere meanwhile.",
    refusals.InvalidCredentials: "Address or password are wrong.",
    refusals.LinkExpired: "This link opens nothing any more: ask for a new one.",
    refusals.TooManyAttempts: "Too many attempts: try again later.",
}
ITALIAN: dict[type[Refusal], str] = {
    refusals.NotFound: "Non esiste, o non è visibile per te.",
    refusals.NotPermitted: "Qui non ti è permesso farlo.",
    refusals.InvalidInput: "Alcuni dati non vanno bene: vedi fields.",
    refusals.TicketLocked: "{holder} sta rispondendo a questo ticket.",
    refusals.LockLost: "Il blocco della risposta non è più tuo.",
    refusals.ConversationMovedOn: "Intanto qualcuno ha scritto: leggi prima di rispondere.",
    refusals.TicketAlreadyClosed: "Il ticket è chiuso. Per continuare aprine uno di seguito.",
    refusals.AssigneeCannotSee: "{assignee} non vedrebbe questo ticket.",
    refusals.IdempotencyConflict: "Questa chiave di idempotenza è già arrivata con altri dati.",
    refusals.NothingToTake: "Nessun ticket ti aspetta.",
    refusals.TicketStillOpen: "Si può valutare quando è chiuso.",
    refusals.RatingClosed: "Non è richiesta una valutazione, o non si può più cambiare.",
    refusals.DraftConflict: "Il testo è stato salvato altrove nel frattempo.",
    refusals.InvalidCredentials: "Indirizzo o password errati.",
    refusals.LinkExpired: "Questo link non apre più nulla: chiedine uno nuovo.",
    refusals.TooManyAttempts: "Troppi tentativi: riprova più tardi.",
}
CATALOGUES = {"en": ENGLISH, "it": ITALIAN}


def message_of(refusal: Refusal, language: str, **words: str) -> str:
    """The refusal in words; English where the language is not spoken."""
    catalogue = CATALOGUES.get(language.partition("-")[0].lower(), ENGLISH)
    return catalogue[type(refusal)].format(**words)
