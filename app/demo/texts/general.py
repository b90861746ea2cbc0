"""Questions of every kind, and complaints."""

from app.demo.texts.topic import Topic, script

QUESTIONS = Topic(
    category="Informazioni",
    mail_to="Patronato",
    weight=6,
    tags=("orari", "tessera"),
    italian=script("""
        # Orari di apertura ad agosto
        siete aperti la settimana del {day}?

        > lo sportello è aperto dal lunedì al venerdì, 8.30-13 e 14.30-18. Dal {day}
        riprende l'orario pieno.

        # Tessera associativa: come si rinnova?
        la mia tessera è scaduta il {past}. Posso rinnovarla in linea?

        > si rinnova in linea, con carta o bonifico; la quota resta quella dell'anno scorso.

        # Sede di {city}: c'è il parcheggio?
        accompagno mia nonna in carrozzina il {day}. L'ingresso ha gradini?

        > l'ingresso è senza gradini e c'è un posto riservato davanti alla porta.

        # Appuntamento da spostare
        ho un appuntamento il {day} ma devo lavorare. Si può spostare di qualche giorno?

        > certo, abbiamo spostato tutto al {day} alla stessa ora.

        < benissimo, grazie.

        < si può fare un po' più tardi?
    """),
    english=script("""
        # Opening hours
        are you open in the week of {day}?

        > we are open Monday to Friday, 8.30 to 13 and 14.30 to 18.

        # Do you speak English at the desk?
        my Italian is poor. Whom can I ask for?

        > of course: ask for Bruno or Dino, both speak English.

        # Moving my appointment of {day}
        I have to work that day. Is the next one free?

        > no problem, we moved it to {day}, same time.

        < great, thanks!
    """),
)

COMPLAINTS = Topic(
    category="Segnalazioni",
    mail_to="Reclami",
    weight=2,
    tags=("reclamo",),
    italian=script("""
        # Due ore di attesa nonostante l'appuntamento
        il {past} avevo appuntamento alle 9 e sono stato ricevuto alle 11.

        # Documenti smarriti allo sportello
        il {past} ho lasciato gli originali della pratica {protocol} e ora nessuno li trova.

        > ci scusiamo per l'accaduto: abbiamo aperto una verifica interna.

        < aspetto una risposta entro il {day}.
    """),
    english=script("""
        # Nobody answers the phone
        I have been calling since {past}. Please call me back.

        > we are sorry. A colleague will call you on {day}.

        < thank you for taking care of it.
    """),
)
