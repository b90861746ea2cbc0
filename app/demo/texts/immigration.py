"""Residence permits, family reunification, citizenship."""

from app.demo.texts.topic import Topic, script

RENEWAL = Topic(
    category="Rinnovo permesso",
    mail_to="Immigrazione",
    weight=20,
    tags=("questura", "kit postale", "documenti mancanti", "appuntamento"),
    italian=script("""
        # Rinnovo del permesso di soggiorno in scadenza il {day}
        il mio permesso di soggiorno per lavoro scade il {day}. Quali documenti devo
        preparare e quando posso venire allo sportello per il kit?

        > per il rinnovo servono:<ul><li>passaporto con copia di tutte le
        pagine</li><li>permesso attuale</li><li>contratto e ultime tre buste
        paga</li><li>marca da bollo da 16 euro</li></ul>Può caricarli qui e le prepariamo il
        kit.

        # Appuntamento in Questura a {city}: manca la ricevuta
        ho spedito il kit dall'ufficio postale il {past}, ma sul sito non trovo ancora la
        data della convocazione. La raccomandata è la {protocol}.

        > abbiamo controllato la pratica {protocol}: risulta in trattazione a {city}. La
        convocazione arriva di solito entro sei settimane.

        # Permesso per lavoro: ho cambiato datore di lavoro
        dal {past} lavoro per {employer}. Devo comunicarlo prima del rinnovo, o basta
        allegare il nuovo contratto?

        # Richiesta di integrazione documenti, pratica {protocol}
        la Questura mi chiede il certificato di residenza e l'ultima busta paga entro il
        {day}. Potete aiutarmi a rispondere?

        # Impronte per il permesso di mia figlia
        mia figlia ha compiuto 14 anni il {past}. Deve fare il permesso separato e lasciare
        le impronte anche lei?

        > le abbiamo fissato un appuntamento allo sportello per il {day}. Porti gli
        originali e quattro fototessere.

        # Posso viaggiare con la ricevuta del rinnovo?
        mio padre sta male e dovrei partire il {day}. Ho soltanto la ricevuta postale del
        rinnovo: posso uscire dall'Italia e rientrare?

        > la ricevuta vale come titolo fino alla consegna del permesso; per rientrare eviti
        lo scalo in un altro paese Schengen.

        < grazie, ho caricato le buste paga. Manca ancora qualcosa?

        < il datore di lavoro mi dà il contratto soltanto il {day}. Posso consegnarlo dopo?

        < sono andato in Questura ma mi hanno detto di tornare con la prenotazione. Cosa
        devo fare?

        < perfetto, allora ci vediamo il {day}.
    """),
    english=script("""
        # Residence permit expires on {day}
        my residence permit for work expires on {day} and I have never renewed one in Italy.
        Which papers do you need from me?

        > please upload your passport (all pages), the current permit and your last three
        pay slips. We will then fill in the postal kit with you.

        # No appointment from the Questura in {city} yet
        I posted the kit on {past} (receipt {protocol}) and heard nothing since. Is that
        normal, or has something gone wrong?

        > your file {protocol} is being worked on in {city}. Invitations usually arrive
        within six weeks.

        # New employer during the renewal
        I started at {employer} on {past} while my permit is being renewed. Whom do I have
        to tell?

        > we have booked you an appointment at our desk on {day}. Please bring the
        originals.

        # Travelling home with the postal receipt
        can I fly home on {day} and come back with only the postal receipt of the renewal?

        > the receipt is valid until the permit arrives. On the way back avoid a stopover in
        another Schengen country.

        < thank you, the documents are attached. Is the older contract needed too?

        < my employer will only give me the letter on {day}. Is that in time?

        < great, I will be there on {day}.
    """),
)

REUNION = Topic(
    category="Ricongiungimento familiare",
    mail_to="Immigrazione",
    weight=9,
    tags=("prefettura", "nulla osta", "idoneità alloggio"),
    italian=script("""
        # Ricongiungimento con mia moglie: requisiti di reddito
        vorrei far venire mia moglie e un figlio di 6 anni. Guadagno {amount} all'anno: è
        sufficiente per il nulla osta?

        > per coniuge e un figlio il reddito minimo si calcola sull'assegno sociale: con
        {amount} il requisito risulta rispettato. Ci serve la dichiarazione dei redditi.

        # Idoneità alloggiativa del Comune di {city}
        ho chiesto il certificato di idoneità il {past} e non ho ancora risposta. Posso
        presentare intanto la domanda?

        > la domanda si invia anche con la sola richiesta di idoneità, da integrare entro il
        {day}. Possiamo prepararla insieme.

        # Nulla osta rilasciato, visto rifiutato
        il nulla osta {protocol} è stato rilasciato, ma il consolato ha rifiutato il visto a
        mia madre. Si può fare ricorso?

        > contro il rifiuto c'è ricorso al Tribunale di {city}. Ci mandi il provvedimento:
        lo guardiamo con il nostro legale.

        # Traduzione e legalizzazione del certificato di matrimonio
        il certificato va tradotto prima o dopo la legalizzazione del consolato?

        > prima la legalizzazione del consolato, poi la traduzione giurata in Tribunale.
        Abbiamo un traduttore convenzionato.

        < ecco la dichiarazione dei redditi. Mia moglie lavora, conta anche il suo reddito?

        < il Comune mi ha dato appuntamento per il {day}.

        < allego il provvedimento del consolato, è soltanto in inglese.
    """),
    english=script("""
        # Bringing my husband to Italy
        I earn {amount} a year and rent a flat in {city}. Can I apply for family
        reunification for my husband?

        > with {amount} you meet the income requirement. Please send us your last tax return
        and the lease.

        # Certificate of suitable housing is late
        I asked the town hall for it on {past}. Can we send the application without it?

        > yes, we can send it now and add the certificate until {day}.

        < here is the tax return. The lease is in the name of my brother, does it matter?

        < thank you, the town hall has promised it for {day}.
    """),
)

CITIZENSHIP = Topic(
    category="Cittadinanza",
    mail_to="Immigrazione",
    weight=8,
    tags=("prefettura", "giuramento", "residenza"),
    italian=script("""
        # Domanda di cittadinanza ferma dal {past}
        la mia domanda {protocol} è ancora in istruttoria. Si può sollecitare la Prefettura
        di {city}?

        > abbiamo mandato un sollecito per la pratica {protocol}. Il termine di legge è di
        due anni, prorogabile a tre.

        # Dieci anni di residenza: un mese di buco
        nel trasloco sono rimasto cancellato dall'anagrafe per un mese. Perdo i dieci anni?

        > il buco si può sanare se dimostra la presenza: bollette, contratto, buste paga. Le
        prepari e le guardiamo il {day}.

        # Giuramento fissato per il {day}
        ho ricevuto il decreto. Quali documenti porto in Comune per il giuramento?

        > porti il decreto, l'atto di nascita tradotto e un documento. Il giuramento va
        fatto entro sei mesi dalla notifica.

        # Certificato di lingua B1: quali sono validi?
        ho un attestato della scuola serale di {city}. Va bene, o devo fare l'esame?

        > l'attestato di un CPIA va bene; quello di una scuola privata soltanto se l'ente è
        convenzionato. Ci mandi una copia.

        < la Prefettura mi ha scritto: chiede il casellario aggiornato.

        < ho trovato le bollette di quel mese, le allego.

        < grazie di cuore, è stato un percorso lungo!
    """),
    english=script("""
        # Citizenship application {protocol}: any news?
        I applied on {past} and the portal still says 'under examination'. Can you ask the
        Prefettura in {city}?

        > we sent a reminder for {protocol} today. The law gives them two years, three at
        most.

        # Which language certificate counts for B1?
        I finished the evening school in {city}. Is its certificate accepted?

        > the certificate of a state school (CPIA) is accepted. Please upload a scan.

        < they now ask for a fresh criminal record. Can you order it for me?

        < thank you, here is the scan.
    """),
)

AMNESTY = Topic(
    category="Emersione 2020",
    mail_to="Immigrazione",
    weight=5,
    tags=("prefettura", "sanatoria"),
    italian=script("""
        # Emersione: la pratica {protocol} è ancora aperta
        sono stato convocato in Prefettura il {past} con {employer}, poi più nulla. Sapete
        qualcosa?

        # Emersione, il datore di lavoro ha rinunciato
        la famiglia per cui lavoravo ha rinunciato alla domanda. Posso chiedere un permesso
        per attesa occupazione?

        > la pratica {protocol} è stata definita. Può chiedere il permesso con il modello
        209, le diamo appuntamento il {day}.

        < va bene, porto anche la ricevuta dei contributi versati.
    """),
    english=script("""
        # Amnesty application {protocol} still open
        my employer and I were at the Prefettura on {past}. Is there a decision?

        > your application was accepted. We can see you on {day} for the permit.

        < wonderful, thank you!
    """),
)
