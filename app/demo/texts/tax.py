"""Tax returns, ISEE, local taxes, inheritance, disputes."""

from app.demo.texts.topic import Topic, script

RETURN = Topic(
    category="730",
    mail_to="Fiscale",
    weight=12,
    tags=("caf", "detrazioni", "rimborso"),
    italian=script("""
        # 730: spese mediche di mia figlia
        mia figlia è a carico di tutti e due. Le spese mediche di {amount} le metto io, o
        metà per uno?

        > le spese si dividono secondo chi le ha sostenute: basta annotarlo sulla fattura.
        Carichi gli scontrini e li inseriamo.

        # Rimborso 730 non arrivato in busta paga
        il 730 è stato inviato il {past}, ma {employer} non mi ha ancora rimborsato
        {amount}.

        > il conguaglio arriva di solito entro due mesi dall'invio. Se il {day} manca
        ancora, scriviamo noi a {employer}.

        # Appuntamento per il 730
        vorrei fare la dichiarazione da voi. C'è posto il {day}, dopo le 17?

        > le abbiamo riservato il {day} alle 17.30. Porti certificazione unica, spese e
        documento.

        # Bonus ristrutturazione: bonifico sbagliato
        ho pagato {amount} con un bonifico ordinario invece di quello parlante. Perdo la
        detrazione?

        > la detrazione si salva con una dichiarazione dell'impresa: le alleghiamo il
        modello.

        # Due certificazioni uniche nello stesso anno
        ho lavorato per {employer} e poi ho preso la NASpI. Devo per forza presentare il
        730?

        > con due certificazioni uniche sì: il conguaglio non l'ha fatto nessuno. Possiamo
        vederla il {day}.

        < ho caricato gli scontrini, sono tanti, scusate.

        < l'azienda dice che non ha ricevuto il prospetto. Potete rimandarlo?

        < grazie, confermo l'appuntamento.
    """),
    english=script("""
        # Do I have to file a 730 this year?
        I worked for {employer} until {past} and then received NASpI.

        > with two income statements you have to. We can see you on {day}.

        # Tax refund of {amount} has not arrived
        my return was sent on {past}. Where is the refund?

        > refunds are paid with the salary, about two months after filing.

        # Deducting the rent of a student flat
        my son studies in {city}. Can I deduct his rent of {amount}?

        > yes, up to a limit, if the university is more than 100 km away. Please send the
        lease.

        < here is the lease, it is registered.

        < fine, I will come on {day}.
    """),
)

ISEE = Topic(
    category="ISEE",
    mail_to="Fiscale",
    weight=12,
    tags=("caf", "dsu", "giacenza media"),
    italian=script("""
        # ISEE per la mensa scolastica entro il {day}
        il Comune di {city} vuole l'ISEE entro il {day}. Fate in tempo?

        > sì: ci servono giacenza media e saldo al 31 dicembre di tutti i conti, targhe
        delle auto e contratto d'affitto.

        # ISEE corrente dopo la perdita del lavoro
        dal {past} non lavoro più. Posso aggiornare l'ISEE senza aspettare gennaio?

        > con l'ISEE corrente si può. Porti la lettera di licenziamento: l'attestazione
        arriva entro il {day}.

        # ISEE con omissioni: conto non dichiarato
        l'attestazione {protocol} dice che manca un conto. È quello di mia moglie, con
        {amount}.

        > rifacciamo la DSU con il conto che mancava; la vecchia attestazione resta valida
        fino alla nuova.

        # ISEE università, genitori separati
        i miei sono separati ma mio padre risulta ancora residente con noi. Come si fa?

        > se suo padre risulta ancora residente con voi, conta nel nucleo. Serve prima il
        cambio di residenza o la sentenza.

        < la banca mi dà la giacenza media soltanto il {day}.

        < ho caricato tutto, anche il libretto postale.

        < attestazione ricevuta, grazie mille.
    """),
    english=script("""
        # ISEE for the nursery, deadline {day}
        the town hall in {city} needs our ISEE by {day}. What do I have to bring?

        > please upload balances and average balances at 31 December of all accounts,
        foreign ones too.

        # ISEE says an account is missing
        certificate {protocol} reports an omission. The account is in Germany, with
        {amount}.

        > we corrected the declaration; the new certificate will be ready on {day}.

        < here are the statements, in German I am afraid.

        < perfect, thank you!
    """),
)

LOCAL = Topic(
    category="IMU e TARI",
    mail_to="Fiscale",
    weight=4,
    tags=("comune", "avviso"),
    italian=script("""
        # Avviso IMU del Comune di {city}: {amount}
        mi chiedono {amount} per una casa che è la mia abitazione principale.

        > l'abitazione principale è esente: mandiamo al Comune la richiesta di annullamento
        con il certificato di residenza.

        # TARI pagata due volte
        ho pagato la TARI il {past} e di nuovo con il bollettino. Come chiedo il rimborso?

        > ci carichi le due ricevute, la domanda di rimborso la prepariamo entro il {day}.

        < allego l'avviso e la residenza storica.

        < ecco le ricevute.
    """),
    english=script("""
        # Local tax notice of {amount}
        the town of {city} wants {amount} for the flat I live in. Is that right?

        > your main home is exempt. We will ask them to withdraw the notice.

        < thank you, the notice is attached.
    """),
)

INHERITANCE = Topic(
    category="Successioni",
    mail_to="Fiscale",
    weight=3,
    tags=("successione", "catasto"),
    italian=script("""
        # Dichiarazione di successione di mio zio
        mio zio è morto il {past} senza testamento, con una casa a {city}. Siamo quattro
        eredi.

        > la dichiarazione va inviata entro dodici mesi. Servono certificato di morte,
        visure, saldi dei conti e documenti di tutti gli eredi.

        # Successione: visura con errori
        nella visura la casa risulta ancora del vecchio proprietario. Blocca la
        dichiarazione?

        > prima serve la voltura: ce ne occupiamo noi, il costo è di {amount}.

        < uno degli eredi vive in Argentina, serve una procura?
    """),
    english=script("""
        # Inheriting a house in {city}
        my grandmother died on {past}. I live abroad: can you file the declaration?

        > yes, with a power of attorney. The deadline is twelve months.

        < I can sign it at the consulate on {day}.
    """),
)

DISPUTES = Topic(
    category="Contenzioso fiscale",
    mail_to="Fiscale",
    weight=3,
    tags=("ricorso", "agenzia entrate"),
    italian=script("""
        # Cartella esattoriale di {amount}
        ho ricevuto una cartella per le imposte di quattro anni fa. La pratica è la
        {protocol}. È prescritta?

        > abbiamo chiesto l'annullamento in autotutela. Fino al {day} non paghi nulla.

        # Avviso bonario: 730 preparato da voi
        l'Agenzia mi contesta {amount} di detrazioni del 730 fatto da voi. Chi paga?

        > la dichiarazione ha il nostro visto di conformità: se l'errore è nostro, paga la
        nostra assicurazione.

        < allego la cartella, la notifica è del {past}.
    """),
    english=script("""
        # Payment notice of {amount}
        I received notice {protocol} for a tax return you prepared. What now?

        > please do not pay before {day}; we have asked for it to be cancelled.

        < understood, I am waiting for your news.
    """),
)
