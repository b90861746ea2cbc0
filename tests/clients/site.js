// The running desk: its address, everybody's token, and the plainest way to ask it something.

export const DESK = "/graphql";
export const CLIENT = "/client/graphql";

const SIGN_IN = `mutation ($input: SignInInput!) {
  signIn(input: $input) { __typename ... on SignedIn { token } }
}`;

export class Site {
  constructor(host, tokens = {}) {
    this.host = host;
    this.tokens = tokens;
  }

  // What the test processes find it by; `here` is the other end.
  get environment() {
    return { CLIENTS_HOST: this.host, CLIENTS_TOKENS: JSON.stringify(this.tokens) };
  }

  static get here() {
    return new Site(process.env.CLIENTS_HOST, JSON.parse(process.env.CLIENTS_TOKENS));
  }

  url(path) {
    return `http://${this.host}${path}`;
  }

  socketUrl(path) {
    return `ws://${this.host}${path}`;
  }

  post(path, query, variables = {}, token = undefined) {
    return fetch(this.url(path), {
      method: "POST",
      headers: { "content-type": "application/json", ...bearer(token) },
      body: JSON.stringify({ query, variables }),
    });
  }

  async ask(path, token, query, variables = {}) {
    const answer = await (await this.post(path, query, variables, token)).json();
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  }

  async signIn(path, email) {
    const input = { email, password: "demo-demo-demo" };
    const { signIn } = await this.ask(path, undefined, SIGN_IN, { input });
    if (!signIn.token) throw new Error(`${email} cannot sign in: ${signIn.__typename}`);
    return signIn.token;
  }

  // A new ticket of Mario's in Rinnovo permesso, which Anna and Bruno see.
  async openTicket() {
    const { categories } = await this.ask(
      CLIENT,
      this.tokens.mario,
      "{ categories { id name children { id name children { id name } } } }",
    );
    const { id: categoryId } = flattened(categories).find(({ name }) => name === "Rinnovo permesso");
    const input = { subject: "Rinnovo", body: "<p>Buongiorno</p>", categoryId };
    const { ticketOpen } = await this.ask(CLIENT, this.tokens.mario, OPEN, { input });
    return ticketOpen.ticket.id;
  }
}

const OPEN = `mutation ($input: TicketOpenInput!) {
  ticketOpen(input: $input) { __typename ... on TicketOpened { ticket { id } } }
}`;

export function bearer(token) {
  return token ? { authorization: `Bearer ${token}` } : {};
}

function flattened(categories) {
  return categories.flatMap((one) => [one, ...flattened(one.children ?? [])]);
}
