import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { askApi } from '../../local/cli/api/ask.ts';

const ROOT = join(import.meta.dirname, '../..');
/** A guard against a run that never ends, on the busiest machine. */
const RUN_MS = 240_000;

let directory: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

function launch(command: string, args: readonly string[]): ChildProcess {
  const env = { ...process.env, MILLRACE_LOCAL_STATE: join(directory, 'local.json'), NODE_OPTIONS: '' };
  const child = spawn(command, args, { cwd: ROOT, env });
  children.push(child);
  return child;
}

const millrace = (...args: string[]): ChildProcess => launch(process.execPath, ['bin/millrace.js', ...args]);

/** What a command wrote and how it ended. */
async function ended(child: ChildProcess, input = '') {
  if (!child.stdin || !child.stdout || !child.stderr) throw new Error('The command has no pipes');
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout, stderr };
}

function reportOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) {
  if (stdout === '') throw new Error(`The command wrote no report: ${stderr}`);
  return JSON.parse(stdout);
}

/** The first line of standard output; the command goes on. */
async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout || !child.stderr) throw new Error('The command has no pipes');
  const errors = text(child.stderr);
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error(`The command wrote nothing: ${await errors}`);
}

interface User {
  readonly first: string;
  last: string;
  spent: number;
  orders: number;
  readonly cart: Map<string, { quantity: number; price: number }>;
  recent: string[];
}

/** The file read once more, by its own means: no code of the project has a part in it. */
function recount(): { readonly sent: number; readonly users: ReadonlyMap<string, User> } {
  const lines = readFileSync(join(ROOT, 'data/shop/events.csv'), 'utf8').trim().split('\n').slice(1);
  const users = new Map<string, User>();
  /** Products of an order so far, by user, session and second. */
  const orders = new Map<string, string[]>();
  let sent = 0;
  for (const line of lines) {
    const [time = '', action = '', product = '', price = '', userId = '', session = ''] = line.split(',');
    const at = new Date(time.replace(' UTC', 'Z')).toISOString();
    const user = users.get(userId) ?? { first: at, last: at, spent: 0, orders: 0, cart: new Map(), recent: [] };
    users.set(userId, user);
    user.last = at;
    changeCart(user.cart, action, product, cents(price));
    if (action === 'purchase') {
      const order = orders.get(`${userId} ${session} ${time}`) ?? [];
      user.spent += cents(price);
      if (order.length === 0) user.orders += 1;
      if (order.length > 0) sent -= 1;
      order.push(product);
      orders.set(`${userId} ${session} ${time}`, order);
      // What one order holds was bought at once, so it stands in the order of its lines.
      user.recent = [...new Set([...order, ...user.recent])];
    } else if (action !== 'remove_from_cart') user.recent = [...new Set([product, ...user.recent])];
    sent += 1;
  }
  return { sent, users };
}

const cents = (price: string): number => {
  const [whole = '', fraction = ''] = price.split('.');
  return Number(whole + fraction.padEnd(2, '0'));
};

function changeCart(cart: User['cart'], action: string, product: string, price: number): void {
  const line = cart.get(product);
  if (action === 'cart') cart.set(product, { quantity: (line?.quantity ?? 0) + 1, price });
  else if (action !== 'view' && line?.quantity === 1) cart.delete(product);
  else if (action !== 'view' && line) line.quantity -= 1;
}

/** What `profile get --json` must show of a user, but for what only indexes need. */
function expectedProfile({ first, last, spent, orders, cart, recent }: User): object {
  const lines = [...cart].map(([productId, { quantity, price }]) => {
    return { productId, quantity, unitPrice: price, currency: 'USD' };
  });
  const value = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
  return {
    status: 'active',
    cart: lines,
    cartValue: lines.length > 0 ? { USD: value } : {},
    totalSpend: orders > 0 ? { USD: spent } : {},
    orders: orders > 0 ? { USD: orders } : {},
    recentProducts: recent.slice(0, 10),
    segment: spent >= 200_00 ? 'high' : spent >= 50_00 ? 'medium' : spent > 0 ? 'low' : 'none',
    firstSeen: first,
    lastSeen: last,
  };
}

/** `count` of the items, evenly spread. */
const spread = <T>(items: readonly T[], count: number): readonly T[] =>
  Array.from({ length: count }, (_, nth) => items[Math.floor((nth * items.length) / count)] as T);

test(
  'the shop of the bundled file becomes the profiles that a recount of the file gives, and stays up to be asked',
  async () => {
    const { sent, users } = recount();
    const cloud = millrace('start', '--json', '--watch');
    const report = JSON.parse(await firstLine(cloud));

    expect(report).toMatchObject({ sent, applied: sent, duplicates: 0, deadLetters: {}, rows: users.size });
    expect(report.puts).toBe(report.putsBound);
    expect(report.puts).toBeGreaterThanOrEqual(users.size);
    expect(report.writeUnits).toBeGreaterThanOrEqual(report.puts);
    expect(report.freshnessMs.p50).toBeLessThanOrEqual(report.freshnessMs.p99);
    expect(report.elapsedMs).toBeGreaterThan(report.freshnessMs.p99);

    const buyers = [...users.keys()].filter((id) => (users.get(id)?.orders ?? 0) > 0).toSorted();
    const fullCarts = [...users.keys()].toSorted(
      (a, b) => (users.get(b)?.cart.size ?? 0) - (users.get(a)?.cart.size ?? 0),
    );
    const others = [...users.keys()].filter((id) => !buyers.includes(id)).toSorted();
    const sample = [...new Set([...spread(buyers, 4), ...fullCarts.slice(0, 2), ...spread(others, 6)])].slice(0, 10);
    expect(sample).toHaveLength(10);
    for (const id of sample) {
      const { exitCode, stdout } = await ended(millrace('profile', 'get', id, '--json'));
      expect(exitCode).toBe(0);
      const { segmentShard, segmentSince, ...profile } = JSON.parse(stdout).profile;
      expect({ id, ...profile }).toEqual({ id, ...expectedProfile(users.get(id) as User) });
      expect([segmentShard?.split('#')[0] ?? 'none', segmentSince !== undefined]).toEqual([
        profile.segment,
        profile.segment !== 'none',
      ]);
    }

    const [asked = ''] = sample;
    const { region, stacks } = JSON.parse(readFileSync(join(directory, 'local.json'), 'utf8'));
    const endpoint = stacks['Millrace-local-Stateless'].ApiEndpoint;
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const answer = await askApi({ endpoint, region, credentials }, `/profiles/${asked}?consistent=true`);
    expect(answer.status).toBe(200);
    const { segmentSince: _, ...shown } = JSON.parse(answer.body).profile;
    expect(shown).toEqual(expectedProfile(users.get(asked) as User));

    const mediums = [...users].filter(([, { spent }]) => spent >= 50_00 && spent < 200_00).map(([id]) => id);
    const { stdout } = await ended(millrace('profile', 'list', '--segment', 'medium', '--json'));
    const listed: { id: string }[] = JSON.parse(stdout);
    expect(listed.map(({ id }) => id).toSorted()).toEqual(mediums.toSorted());

    cloud.kill('SIGINT');
    await once(cloud, 'exit');
    expect(cloud.exitCode).toBe(0);
    expect(existsSync(join(directory, 'local.json'))).toBe(false);
  },
  RUN_MS,
);

test(
  'events from standard input: lines that cannot be routed are reported and fail the run, bad events are dead letters, the rest counts',
  async () => {
    const viewed = (id: string, subject: string) =>
      JSON.stringify({
        specversion: '1.0',
        id,
        source: 'urn:test',
        type: 'page.viewed',
        time: '2022-01-01T00:00:00Z',
        subject,
        dataschema: 'urn:millrace:page.viewed:1',
        data: {},
      });
    const lines = [
      viewed('1', 'ada'),
      'no json',
      viewed('1', 'ada'),
      viewed('2', 'grace'),
      '{"type":"page.viewed"}',
      '{"subject":"ada"}',
      viewed('3', 'ada').replace('page.viewed:1', 'page.viewed:2'),
      `[${viewed('4', 'grace')},${viewed('5', 'ada')}]`,
    ];
    const run = await ended(millrace('start', '--json', '--events', '-'), lines.join('\n'));
    const report = reportOf(run);
    expect(report).toMatchObject({
      sent: 7,
      notSent: 2,
      applied: 4,
      duplicates: 1,
      deadLetters: { 'event.invalid-envelope': 1, 'event.unknown-version': 1 },
      rows: 2,
    });
    expect(report.puts).toBe(report.putsBound);
    expect(run.stdout).toBe(`${JSON.stringify(report)}\n`);
    expect(run.stderr).toContain('Line 2: not sent: not JSON\nLine 5: not sent: no subject to route it by\n');
    expect(run.exitCode).toBe(1);
  },
  RUN_MS,
);

test(
  'npm start ends by itself, in order, with a summary to check',
  async () => {
    const { exitCode, stdout } = await ended(
      launch('npm', ['start', '--silent', '--', '--limit', '100', '--shards', '3']),
    );
    expect(stdout).toMatch(/Sent +100 {2}events\n +Applied +100\n +Duplicates +0\n +Dead letters +0\n/);
    expect(stdout).toMatch(
      /Highest spend: .*Fullest cart: .*Seen last: .*GET \/profiles\/\d+ of the REST API: 200 in .*ETag.*npx millrace profile get/s,
    );
    expect(exitCode).toBe(0);
  },
  RUN_MS,
);

test.each([
  ['is synthesized', 'Synthesizing'],
  ['sends', 'Started'],
])(
  'Ctrl-C ends it in order while it %s',
  async (_, mark) => {
    const child = millrace('start', '--json', '--rate', '1');
    if (!child.stderr) throw new Error('The command has no pipes');
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      const marked = stderr.includes(mark);
      stderr += chunk;
      if (!marked && stderr.includes(mark)) child.kill('SIGINT');
    });
    await once(child, 'close');
    expect(stderr).toMatch(/Interrupted by SIGINT\n$/);
    expect(child.exitCode).toBe(130);
  },
  RUN_MS,
);
