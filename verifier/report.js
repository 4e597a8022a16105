'use strict';

/*
 * The report for people. It follows from the other files alone, so that whoever verifies the bundle makes it anew and
 * compares: the report cannot say anything else than the evidence does. It has no script and asks for no other file.
 */

/** Rows of one list that are printed; the rest is in the file that the list is of. */
const MOST_REPORT_ROWS = 1000;

/** @param {string} text @returns {string} */
const escapeHtml = (text) =>
  text
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    // Line feeds and tabs are white space in a page.
    .replace(UNSEEN, (letter) => (letter === '\n' || letter === '\t' ? letter : '�'));

/** @param {Words} words @returns {string} */
const bilingual = ([zh, en]) => `${escapeHtml(zh)}<span lang="en">${escapeHtml(en)}</span>`;

/** A figure with thousands marked, as people read it. */
/** @param {string} yuan @returns {string} */
const readableYuan = (yuan) => yuan.replace(/\B(?=(\d{3})+\.)/g, ',');

/** A code under its name. */
/** @param {string} name @param {string} code @returns {string} */
const named = (name, code) =>
  name === '' ? escapeHtml(code) : `${escapeHtml(name)}<small>${escapeHtml(code)}</small>`;

/**
 * @param {readonly Words[]} heads @param {readonly (readonly string[])[]} rows
 * @param {readonly number[]} figures the columns that hold figures
 * @param {readonly number[]} unbroken those whose texts stay on one line @returns {string}
 */
const htmlTable = (heads, rows, figures = [], unbroken = []) => {
  /** @param {number} column */
  const kind = (column) =>
    figures.includes(column) ? ' class="figure"' : unbroken.includes(column) ? ' class="unbroken"' : '';
  /** @param {string} html @param {number} column */
  const cell = (html, column) => `<td${kind(column)}>${html}</td>`;
  const head = heads.map((words, column) => `<th${kind(column)}>${bilingual(words)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
};

/** @param {number} count @param {string} file @returns {string} */
const cutOff = (count, file) =>
  count > MOST_REPORT_ROWS
    ? `<p class="note">${bilingual([
        `共 ${count} 行，此处列前 ${MOST_REPORT_ROWS} 行，其余见 ${file}。`,
        `${count} rows, of which the first ${MOST_REPORT_ROWS} are shown; the rest is in ${file}.`,
      ])}</p>`
    : '';

/** @param {Bundle} bundle @returns {string} */
const renderReport = (bundle) => {
  const names = namesIn(bundle);
  const { kind, id } = bundle.claim.scope;
  const name = kind === 'division' || kind === 'project' ? names(kind, id) : '';
  const title = `资金证据报告：${SCOPE_WORDS[kind][0]} ${name === '' ? '' : `${name} `}${id}`;
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header>
<h1>资金证据报告<span lang="en">Evidence report on public money</span></h1>
<p class="scope">${bilingual(SCOPE_WORDS[kind])} <strong>${escapeHtml(name === '' ? id : `${name} ${id}`)}</strong></p>
</header>
${momentSection(bundle)}
${traceSection(bundle, names)}
${balancesSection(bundle, names)}
${accountsSection(bundle, names)}
${eventsSection(bundle)}
${streamsSection(bundle)}
${statementsSection(bundle)}
${howToSection()}
</body>
</html>
`;
};

/** @param {Words} heading @param {string} html @returns {string} */
const section = (heading, html) => `<section>\n<h2>${bilingual(heading)}</h2>\n${html}\n</section>`;

/** @param {readonly (readonly [Words, string])[]} facts @returns {string} */
const factList = (facts) =>
  `<dl>${facts.map(([words, html]) => `<dt>${bilingual(words)}</dt><dd>${html}</dd>`).join('\n')}</dl>`;

/** @param {Bundle} bundle @returns {string} */
const momentSection = ({ claim: { moment, coverage }, checkpoint, events }) => {
  /** @type {[Words, string][]} */
  const facts = [
    [['账本', 'Ledger'], escapeHtml(checkpoint.origin)],
    [['截至', 'Up to'], bilingual([`第 ${moment.treeSize} 条事件`, `event ${moment.treeSize}`])],
    [
      ['业务日期', 'Business date'],
      moment.asOf === null
        ? bilingual(['至该时点所知的全部', 'all that was known then'])
        : bilingual([`截至 ${moment.asOf}（含当日）`, `up to and including ${moment.asOf}`]),
    ],
  ];
  if (moment.bookmark !== null) facts.push([['书签', 'Bookmark'], escapeHtml(moment.bookmark.name)]);
  facts.push(
    [['该时点的根哈希', 'Root at that moment'], `<code>${escapeHtml(moment.treeRoot)}</code>`],
    [
      ['检查点', 'Checkpoint'],
      `${bilingual([`共 ${checkpoint.size} 条事件`, `over ${checkpoint.size} events`])}<br><code>${base64Of(checkpoint.root)}</code>`,
    ],
    [
      ['本包事件', 'Events in this bundle'],
      bilingual([
        `${events.length} 条，逐条附有证明；${coverage === 'whole' ? '相关资金池的事件流完整收录' : '仅收录与范围有关的事件（摘录）'}`,
        `${events.length}, each with its proof; ${coverage === 'whole' ? 'the pools’ streams are here whole' : 'an extract: only events that touch the scope'}`,
      ]),
    ],
  );
  return section(['时点与账本', 'Moment and ledger'], factList(facts));
};

/** Whom a division's voucher pays; nobody is named where two years of the division have paid two by one number. */
/** @param {Bundle} bundle @returns {(division: string, voucherNo: string) => string} */
const payeesOf = ({ own }) => {
  /** @type {Map<string, Set<string>>} */
  const payees = new Map();
  for (const event of own) {
    const payee = payeeOf(event);
    if (payee === null) continue;
    const key = `${event.pool?.division ?? ''}|${documentOf(event) ?? ''}`;
    payees.set(key, (payees.get(key) ?? new Set()).add(payee));
  }
  return (division, voucherNo) => {
    const found = [...(payees.get(`${division}|${voucherNo}`) ?? [])];
    return found.length === 1 ? (found[0] ?? '') : '';
  };
};

/** @param {Bundle} bundle @param {NameOf} names @returns {string} */
const traceSection = (bundle, names) => {
  const { sources, uses } = bundle.trace();
  const payees = payeesOf(bundle);
  const sourceRows = sources.map(({ documentNo, channelCode, departmentCode, purposeCode, amount }) => [
    escapeHtml(documentNo),
    named(names('channel', channelCode), channelCode),
    named(names('department', departmentCode), departmentCode),
    named(names('purpose', purposeCode), purposeCode),
    readableYuan(amount),
  ]);
  const useRows = uses
    .slice(0, MOST_REPORT_ROWS)
    .map(({ division, projectCode, place, voucherNo, state, amount }) => [
      named(names('division', division), division),
      projectCode === null ? '' : named(names('project', projectCode), projectCode),
      place === null ? '' : named(names('division', place), place),
      bilingual(STATE_WORDS[state] ?? [state, state]),
      voucherNo === null ? '' : named(payees(division, voucherNo), voucherNo),
      readableYuan(amount),
    ]);
  const total = readableYuan(yuanOf(sumOf(sources)));
  const sum = `<p class="note">${bilingual([`两侧合计均为 ${total} 元。`, `Both sides add up to ${total} 元.`])}</p>`;
  return (
    section(
      ['钱从哪里来', 'Where the money came from'],
      htmlTable(
        [
          ['指标文号', 'Document'],
          ['渠道', 'Channel'],
          ['主管部门', 'Department'],
          ['用途', 'Purpose'],
          ['金额（元）', 'Amount'],
        ],
        sourceRows,
        [4],
      ),
    ) +
    '\n' +
    section(
      ['钱在哪里', 'Where the money is'],
      htmlTable(
        [
          ['区划', 'Division'],
          ['项目', 'Project'],
          ['地点', 'Place'],
          ['状态', 'State'],
          ['收款人和凭证', 'Payee and voucher'],
          ['金额（元）', 'Amount'],
        ],
        useRows,
        [5],
      ) +
        cutOff(uses.length, TRACE_FILE) +
        sum,
    ) +
    reversedSection(bundle, names)
  );
};

/** Entries that were taken back; nothing where there are none. */
/** @param {Bundle} bundle @param {NameOf} names @returns {string} */
const reversedSection = (bundle, names) => {
  const { reversed } = bundle.trace();
  if (reversed.length === 0) return '';
  const rows = reversed
    .slice(0, MOST_REPORT_ROWS)
    .map(({ type, documentNo, division, effectiveOn, amount, reversalNo, reversedOn }) => [
      escapeHtml(effectiveOn),
      named(names('division', division), division),
      bilingual(EVENT_WORDS[type] ?? [type, type]),
      escapeHtml(documentNo ?? ''),
      escapeHtml(reversedOn),
      escapeHtml(reversalNo ?? ''),
      readableYuan(amount),
    ]);
  const table = htmlTable(
    [
      ['业务日期', 'Date'],
      ['区划', 'Division'],
      ['事项', 'What'],
      ['文号或凭证号', 'Document, voucher'],
      ['冲销日期', 'Reversed on'],
      ['冲销单号', 'Reversal'],
      ['金额（元）', 'Amount'],
    ],
    rows,
    [6],
    [0, 4],
  );
  const note = bilingual([
    '已被红字冲销，只作历史列出，不计入以上各项金额。',
    'Taken back by a reversal: listed as history, and in none of the amounts above.',
  ]);
  return `\n${section(
    ['已冲销的事项', 'Entries that were reversed'],
    `${table}${cutOff(reversed.length, TRACE_FILE)}<p class="note">${note}</p>`,
  )}`;
};

/** @type {{ readonly [projection: string]: 'division' | 'project' | undefined }} */
const KEYS_OF_TABLE = { 'county-balance': 'division', 'village-balance': 'division', 'project-balance': 'project' };

/** @param {Bundle} bundle @param {NameOf} names @returns {string} */
const balancesSection = (bundle, names) => {
  const html = bundle.balances().tables.map(({ projection, rows }) => {
    // A measure that is zero in every row tells nothing and takes the room of one that does.
    const shown = MEASURES.filter((measure) => rows.some(({ measures }) => (measures[measure] ?? '0.00') !== '0.00'));
    const kind = KEYS_OF_TABLE[projection];
    const body = rows
      .slice(0, MOST_REPORT_ROWS)
      .map(({ key, measures }) => [
        named(kind === undefined ? '' : names(kind, key), key),
        ...shown.map((measure) => readableYuan(measures[measure] ?? '')),
      ]);
    const heads = [/** @type {Words} */ (['', '']), ...shown.map((measure) => MEASURE_WORDS[measure])];
    return `<h3>${bilingual(TABLE_WORDS[projection] ?? [projection, projection])}</h3>
${htmlTable(
  heads,
  body,
  shown.map((_, index) => index + 1),
)}${cutOff(rows.length, BALANCES_FILE)}`;
  });
  // What an entry changed is no balance: before it there was money, and after it came other entries.
  return section(
    bundle.claim.scope.kind === 'document' && isOfEntry(bundle)
      ? ['本单据引起的变动（元）', 'What the entry changed (元)']
      : ['余额（元）', 'Balances (元)'],
    `${html.join('\n')}\n<p class="note">${bilingual(['口径见随附的 projections；全部为零的指标不列出。', 'As the projections enclosed define them; measures that are zero throughout are left out.'])}</p>`,
  );
};

/** @param {Bundle} bundle @param {NameOf} names @returns {string} */
const accountsSection = (bundle, names) => {
  const { accounts } = bundle.balances();
  const rows = accounts.slice(0, MOST_REPORT_ROWS).map(({ quotaLine, account, amount }) => {
    const read = accountOf(account);
    const label = read === null || read.project === '' ? '' : names('project', read.project);
    return [escapeHtml(quotaLine), named(label, account), readableYuan(amount)];
  });
  return section(
    ['账户余额', 'What is left in the accounts'],
    htmlTable(
      [
        ['指标（文号/渠道/用途）', 'Quota line'],
        ['账户', 'Account'],
        ['金额（元）', 'Amount'],
      ],
      rows,
      [2],
    ) + cutOff(accounts.length, BALANCES_FILE),
  );
};

/** @param {Bundle} bundle @returns {string} */
const eventsSection = (bundle) => {
  const { own } = bundle;
  const rows = own.slice(0, MOST_REPORT_ROWS).map((event) => {
    const lines = event.movements.map(
      ({ quotaLine, from, to, fen }) =>
        `<li><span class="amount">${readableYuan(yuanOf(fen))}</span> ${escapeHtml(quotaLine)}<br><small>${escapeHtml(from.path)} → ${escapeHtml(to.path)}</small></li>`,
    );
    const receipts = receiptsInScope(bundle, event).map(
      ({ quotaLine, fen }) =>
        `<li><span class="amount">${readableYuan(yuanOf(fen))}</span> ${escapeHtml(quotaLine)}</li>`,
    );
    const about = aboutOf(event);
    const payee = payeeOf(event);
    return [
      `${event.leaf + 1}`,
      escapeHtml(event.effectiveOn),
      `${bilingual(EVENT_WORDS[event.type] ?? [event.type, event.type])}`,
      `${escapeHtml(documentOf(event) ?? '')}${about === null ? '' : `<small>${escapeHtml(`← ${about}`)}</small>`}${payee === null ? '' : `<small>${escapeHtml(payee)}</small>`}`,
      `<ul>${[...lines, ...receipts].join('')}</ul>`,
      named(event.actor.id, event.actor.role),
    ];
  });
  return section(
    ['事件', 'Events'],
    htmlTable(
      [
        ['序号', 'No.'],
        ['业务日期', 'Date'],
        ['事项', 'What'],
        ['文号和收款人', 'Document, payee'],
        ['资金变动（元）', 'Movements'],
        ['经办', 'By'],
      ],
      rows,
      [],
      [0, 1],
    ) +
      cutOff(own.length, EVENTS_FILE) +
      `<p class="note">${bilingual(['序号是事件在账本中的次序，从 1 起；只列属于本范围的资金变动。', 'The number is the event’s place in the ledger, from 1; only movements of the scope are listed.'])}</p>`,
  );
};

/** @param {StreamLine} line @returns {Words} */
const coverageWords = ({ whole, end }) => {
  if (!whole) return ['摘录', 'extract'];
  return end === 'proven'
    ? ['完整，末尾已证明', 'whole, its end proven']
    : ['完整，末尾只由本包声明', 'whole, its end only stated here'];
};

/** @param {Bundle} bundle @returns {string} */
const streamsSection = (bundle) => {
  const rows = bundle.streams
    .slice(0, MOST_REPORT_ROWS)
    .map((line) => [
      escapeHtml(line.stream),
      line.events === 0 ? '' : `${line.from}–${line.to}`,
      String(line.events),
      bilingual(coverageWords(line)),
    ]);
  return section(
    ['事件流的完整性', 'Completeness of the streams'],
    htmlTable(
      [
        ['事件流', 'Stream'],
        ['版本', 'Revisions'],
        ['条数', 'Events'],
        ['收录', 'Coverage'],
      ],
      rows,
      [2],
    ),
  );
};

/** @param {Bundle} bundle @returns {string} */
const statementsSection = (bundle) => {
  /** @param {readonly Statement[]} statements @returns {string} */
  const list = (statements) =>
    `<ul>${statements.map(({ zh, en }) => `<li>${bilingual([zh, en])}</li>`).join('\n')}</ul>`;
  return section(
    ['本证据能证明什么，不能证明什么', 'What this evidence can prove, and what it cannot'],
    `<h3>${bilingual(['经核验程序核对后可以证明', 'Proven once the verifier has checked it'])}</h3>
${list(provenBy(bundle))}
<h3>${bilingual(['不能证明', 'Not proven'])}</h3>
${list(notProvenBy(bundle))}`,
  );
};

const howToSection = () =>
  section(
    ['如何核验', 'How to verify'],
    `<ol><li>${bilingual([
      '从账本以外的可信渠道取得账本公钥（及见证方公钥），并尽量取得核验程序；也可先用随附的程序。',
      'Get the ledger’s key (and the witnesses’) from somebody else than the ledger, and the verifier too if you can; the one enclosed will do for a first look.',
    ])}</li>
<li>${bilingual(['命令行（Node 20 及以上，无须联网）：', 'On a command line (Node 20 or later, offline):'])} <code>node verify.cjs bundle.zip --key &lt;vkey&gt;</code></li>
<li>${bilingual(['浏览器：打开 verify.html，选择压缩包，填入公钥。', 'In a browser: open verify.html, choose the archive, fill in the key.'])}</li></ol>`,
  );

const REPORT_STYLE = `
@page { size: A4; margin: 16mm 14mm 18mm;
  @bottom-center { content: counter(page) " / " counter(pages); font: 9pt Georgia, "Times New Roman", serif; color: #666; } }
* { box-sizing: border-box; }
body { font: 10.5pt/1.55 "Source Han Serif SC", "Noto Serif CJK SC", "Songti SC", SimSun, serif; color: #1a1a1a;
  background: #fff; max-width: 190mm; margin: 0 auto; padding: 8mm 4mm; }
header { border-bottom: 2.5pt double #7a1f1f; margin-bottom: 5mm; padding-bottom: 3mm; }
h1 { font-size: 20pt; margin: 0; letter-spacing: .06em; }
h1 span, h2 span, h3 span { font-weight: normal; }
[lang=en] { color: #666; font-family: Georgia, "Times New Roman", serif; font-size: .82em; margin-left: .5em; letter-spacing: 0; }
.scope { font-size: 13pt; margin: 2mm 0 0; }
section { margin: 0 0 6mm; }
h2 { font-size: 13pt; margin: 0 0 2mm; color: #7a1f1f; border-bottom: .5pt solid #cbb; break-after: avoid; }
h3 { font-size: 10.5pt; margin: 3mm 0 1mm; break-after: avoid; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border-bottom: .4pt solid #ccc; padding: 1mm 1.2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { border-bottom: .8pt solid #444; font-weight: 600; }
th [lang=en], td > [lang=en] { display: block; margin-left: 0; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.unbroken { white-space: nowrap; }
.amount { font-variant-numeric: tabular-nums; font-weight: 600; }
td ul { margin: 0; padding: 0; list-style: none; }
li { margin: 0 0 1mm; }
small { display: block; color: #777; font-size: .85em; }
td:last-child small { overflow-wrap: break-word; }
code { font: 8.5pt/1.4 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 5mm; margin: 0; }
dt { color: #444; } dd { margin: 0; overflow-wrap: anywhere; } dd small { display: inline; margin-left: .6em; }
.note { color: #555; font-size: 9pt; margin: 1mm 0 0; }
@media print { body { max-width: none; padding: 0; } }
`;
