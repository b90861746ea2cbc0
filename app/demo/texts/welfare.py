"""Pensions, unemployment, maternity, disability."""

from app.demo.texts.topic import Topic, script

PENSIONS = Topic(
    category="Pensioni",
    mail_to="Previdenza",
    weight=8,
    tags=("inps", "estratto conto", "contributi esteri"),
    italian=script("""
        # Quando posso andare in pensione?
        ho 41 anni di contributi, di cui tre all'estero. Potete controllare l'estratto conto
        e dirmi la prima data utile?

        > dall'estratto conto la prima decorrenza utile è il {day}. Per i periodi esteri
        serve il formulario europeo: lo chiediamo noi.

        # Contributi mancanti nell'estratto conto INPS
        mancano i contributi versati da {employer} fino al {past}. Ho ancora le buste paga:
        come si chiede la rettifica?

        > per la rettifica carichi le buste paga del periodo e, se ce l'ha, la
        certificazione unica. La domanda parte entro il {day}.

        # Pensione ai superstiti per mia madre
        mio padre è mancato il {past}. Cosa serve per la domanda di reversibilità?

        > per la reversibilità servono certificato di morte, stato di famiglia e IBAN. La
        domanda è telematica, la facciamo noi.

        # Trattenuta di {amount} sulla pensione
        questo mese hanno trattenuto {amount} senza spiegazioni. Si può fare ricorso?

        > la trattenuta di {amount} è un conguaglio dell'anno scorso. Chiediamo il dettaglio
        e, se vuole, la rateizzazione.

        < ecco le buste paga, due mesi purtroppo non li trovo.

        < mia madre può firmare la delega senza venire allo sportello?

        < grazie, molto chiaro.
    """),
    english=script("""
        # Working years in two countries
        I worked nine years in London and fifteen in {city}. Do the years add up for the
        pension?

        > yes, they are added up. Please send us your national insurance number and we will
        request the form.

        # Contributions missing from my INPS record
        {employer} paid until {past}, but the record stops earlier. How can I correct it?

        > upload the pay slips of that period; we will file the correction by {day}.

        < here they are, two months are missing I am afraid.

        < thank you, that is good to know.
    """),
)

UNEMPLOYMENT = Topic(
    category="NASpI e disoccupazione",
    mail_to="Previdenza",
    weight=10,
    tags=("inps", "urgente scadenza", "centro impiego"),
    italian=script("""
        # Domanda NASpI: contratto finito il {past}
        il contratto con {employer} è finito il {past}. Entro quando devo presentare la
        domanda?

        > ha 68 giorni dalla fine del contratto. Ci servono lettera di cessazione, documento
        e IBAN: li carichi qui e inviamo la domanda.

        # NASpI sospesa dopo due giorni di lavoro
        ho lavorato due giorni e l'INPS ha sospeso l'indennità di {amount}. Come la faccio
        ripartire?

        > sotto i sei mesi la sospensione è automatica e riparte da sola; abbiamo comunque
        inviato il modello NASpI-Com.

        # Dimissioni per giusta causa: ho diritto alla NASpI?
        non ricevo lo stipendio da tre mesi e vorrei dimettermi. Perdo la disoccupazione?

        > con stipendi non pagati le dimissioni sono per giusta causa e il diritto resta.
        Prima però va mandata la diffida: gliela prepariamo.

        # Anticipo NASpI per aprire partita IVA
        vorrei chiedere l'anticipo in un'unica soluzione e cominciare il {day}.

        > l'anticipo si chiede entro 30 giorni dall'apertura della partita IVA: prepariamo
        la domanda per il {day}.

        # Convocazione al centro per l'impiego di {city}
        devo presentarmi il {day} per il patto di servizio, ma quel giorno sono in ospedale.
        Cosa rischio?

        > basta un certificato medico: avvisiamo noi il centro per l'impiego di {city} e
        spostiamo la data.

        < ho caricato la lettera e l'IBAN. Basta così?

        < l'azienda non mi ha ancora consegnato la certificazione unica.

        < ricevuto il pagamento, grazie!
    """),
    english=script("""
        # My contract ended on {past}: unemployment benefit
        I worked for {employer} for two years. How do I apply for NASpI?

        > you have 68 days from the end of the contract. Please upload the termination
        letter and your IBAN.

        # NASpI payment of {amount} stopped
        the payment stopped after I worked for a weekend. How can I get it back?

        > it restarts by itself; we have also sent the notice to INPS to be safe.

        < done, both files are attached.

        < the money has arrived, thank you very much!
    """),
)

MATERNITY = Topic(
    category="Maternità e assegni",
    mail_to="Previdenza",
    weight=5,
    tags=("inps", "assegno unico"),
    italian=script("""
        # Congedo di maternità dal {day}
        lavoro part-time per {employer}. La domanda la fate voi, o la manda l'azienda?

        > la domanda è telematica e la inviamo noi: serve il certificato medico con la data
        presunta del parto.

        # Assegno unico: importo più basso del previsto
        da questo mese ricevo {amount} in meno. Dipende dall'ISEE?

        > l'importo è il minimo perché non risulta un ISEE valido. Con il nuovo ISEE
        arrivano anche gli arretrati.

        # Bonus nido, domanda respinta
        hanno respinto la domanda {protocol} perché manca una fattura. Si può integrare?

        > carichi qui la fattura che manca: chiediamo il riesame della domanda {protocol}
        entro il {day}.

        < il certificato lo ha già mandato il ginecologo, va bene lo stesso?

        < allego la fattura che mancava.
    """),
    english=script("""
        # Maternity leave from {day}
        I work part-time for {employer}. What do I have to do before the leave?

        > we will send the request; all we need is the doctor's certificate.

        # Child benefit lower than last month
        I receive {amount} less than before. Why?

        > there is no valid ISEE for this year. Book an appointment with our tax desk.

        < the certificate is attached.
    """),
)

DISABILITY = Topic(
    category="Invalidità civile",
    mail_to="Previdenza",
    weight=5,
    tags=("inps", "verbale", "legge 104"),
    italian=script("""
        # Visita di revisione il {day}
        mio fratello è convocato per la revisione. Quali documenti sanitari portiamo?

        > portate le relazioni degli ultimi dodici mesi e le lettere di dimissione. La
        visita si può chiedere a domicilio.

        # Permessi legge 104 per assistere mia madre
        il verbale è arrivato il {past}. Come chiedo i tre giorni al mese a {employer}?

        > la domanda va all'INPS e in copia a {employer}: la inviamo noi, ci serve soltanto
        il verbale.

        # Verbale di invalidità: 67 per cento
        hanno riconosciuto il 67 per cento, ci aspettavamo di più. Entro quando si fa
        ricorso?

        > il ricorso va depositato entro sei mesi. Vi fissiamo un colloquio con il medico
        legale per il {day}.

        < abbiamo soltanto la relazione del {past}, è sufficiente?

        < grazie, aspettiamo l'appuntamento.
    """),
    english=script("""
        # Disability review on {day}
        my mother is invited to a review but cannot leave the house. What can we do?

        > you can ask for a visit at home. We will send the request with her doctor.

        < her doctor is informed, thank you.
    """),
)
