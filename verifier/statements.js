'use strict';

/*
 * What a bundle proves and what it does not, in sentences. They follow from the bundle alone; what depends on the keys
 * that somebody holds is added when it is verified.
 */

/** @typedef {{ code: string, zh: string, en: string }} Statement */

/** @param {string} code @param {string} zh @param {string} en @returns {Statement} */
const statement = (code, zh, en) => ({ code, zh, en });

/** @param {Bundle} bundle */
const isCovered = (bundle) => decidingStreams(bundle).every((stream) => bundle.claim.whole.includes(stream));

/** @param {Bundle} bundle @returns {Statement[]} */
const provenBy = (bundle) => {
  const { events, claim, checkpoint } = bundle;
  const { moment } = claim;
  const lines = bundle.streams.filter(({ whole, events: count }) => whole && count > 0);
  const proven = lines.filter(({ end }) => end === 'proven');
  const statements = [
    statement(
      'INCLUDED',
      `随附的 ${events.length} 条事件逐字节包含在检查点（${checkpoint.size} 条）之内：自检查点签名以来未被改动、替换或换序。`,
      `The ${events.length} events enclosed are, byte for byte, among the ${checkpoint.size} under the checkpoint: since it was signed none was altered, replaced or moved.`,
    ),
    statement(
      'MOMENT',
      `检查点的账本以该时点的 ${moment.treeSize} 条事件开头（根哈希 ${moment.treeRoot}）；余额与追溯只用其中的事件。`,
      `The ledger under the checkpoint begins with the ${moment.treeSize} events of that moment (root ${moment.treeRoot}); balances and trace use none but those.`,
    ),
  ];
  if (lines.length > 0) {
    statements.push(
      statement(
        'STREAMS_WHOLE',
        `${lines.map(({ stream, to }) => `${stream}（0–${to}）`).join('、')} 的版本从 0 起连续：其间没有遗漏任何事件。`,
        `${lines.map(({ stream, to }) => `${stream} (0–${to})`).join(', ')}: revisions follow one another from 0, so that no event between them was left out.`,
      ),
    );
  }
  if (proven.length > 0) {
    statements.push(
      statement(
        'STREAM_ENDS',
        `${proven.map(({ stream }) => stream).join('、')} 的下一条事件在该时点之后：到该时点为止没有漏掉末尾的事件。`,
        `${proven.map(({ stream }) => stream).join(', ')}: the next event came after the moment, so that none was left out at the end.`,
      ),
    );
  }
  statements.push(
    statement(
      'BALANCES',
      '余额由核验程序按资金变动自行重算，与文件和报告完全一致，精确到分；不运行包内的任何程序。',
      'The balances were computed anew from the movements by the verifier’s own code and are the same to the fen; nothing in the bundle was run.',
    ),
    statement(
      'TRACE',
      '追溯的来源与去向由核验程序按资金变动重算，完全一致，精确到分；已冲销的事项另行列出，不计入合计。',
      'Sources and uses of the trace were computed anew from the movements and are the same to the fen; what was reversed is listed by itself and is in no sum.',
    ),
    statement(
      'REPORT',
      '报告由上述文件唯一确定，已重新生成并逐字节比对。',
      'The report follows from these files alone; it was made anew and is the same byte for byte.',
    ),
  );
  return statements;
};

/** @param {Bundle} bundle @returns {Statement[]} */
const notProvenBy = (bundle) => {
  const { claim } = bundle;
  const stated = bundle.streams.filter(({ end, events }) => end === 'stated' && events > 0);
  /** @type {Statement[]} */
  const statements = [];
  if (!isCovered(bundle)) {
    statements.push(
      statement(
        'COMPLETENESS',
        '本包是摘录：不能证明没有其他事件动用过这笔钱。需要时请导出完整证据（加 --whole）。',
        'This is an extract: that no other event moved this money is not proven. Ask for the whole evidence (with --whole) if it matters.',
      ),
    );
  }
  if (stated.length > 0) {
    statements.push(
      statement(
        'STREAM_ENDS',
        `${stated.map(({ stream, to }) => `${stream}（末条 ${to}）`).join('、')} 到该时点为止的最后一条只由本包声明：检查点内没有更晚的事件可资证明。以后导出的证据若在该时点之前还有更大的版本号，即为隐瞒。`,
        `${stated.map(({ stream, to }) => `${stream} (last ${to})`).join(', ')}: that this was the last event at the moment is only stated by this bundle, because no later one is under the checkpoint. Later evidence that shows a higher revision before the moment would prove a concealment.`,
      ),
    );
  }
  statements.push(
    statement(
      'OTHER_STREAMS',
      otherStreamsZh(claim.scope),
      'That no pool of another division or year has moved this money is not proven by the bundle; yichi verify on the whole ledger shows it.',
    ),
    statement(
      'ORDER_RULES',
      '流的版本号不重复、不倒序，由整本账的核验（yichi verify）保证，本包只核对所含事件。',
      'That a stream has no revision twice or out of order elsewhere in the ledger is shown by verifying the whole (yichi verify); here only the events enclosed were looked at.',
    ),
    statement(
      'LATER',
      '该时点之后的更正、冲销或退回不在本证据之内。',
      'Corrections, reversals and returns after the moment are not part of this evidence.',
    ),
    statement(
      'TRUTH',
      '账本记录的内容是否符合事实（票据、工程、收款人）；记账时间由账本自己的时钟给出。',
      'Whether what was recorded is what happened (vouchers, works, payees); the times of recording are by the ledger’s own clock.',
    ),
    statement(
      'NAMES',
      '编码旁的名称取自随附的登记事件；此后是否又改过名称，本包不能证明。',
      'The names beside codes are those of the registry events enclosed; that they were not changed after those is not proven.',
    ),
  );
  if (isOfEntry(bundle)) {
    statements.push(
      claim.coverage === 'whole'
        ? statement(
            'FOLLOWED',
            '同一指标、同一账户中的钱不分彼此，转走的是哪一笔按先进先出的约定确定。',
            'Within one line and account one fen is as good as another; which of them went on is by the convention first in, first out.',
          )
        : statement(
            'FOLLOWED',
            '摘录的追溯只到本单据自己的事项为止；钱此后又去了哪里，见完整证据（加 --whole）。',
            'The trace of an extract ends with the entry’s own events; where its money went after them is told by the whole evidence (with --whole).',
          ),
    );
  }
  return statements;
};

/** @param {Scope} scope @returns {string} */
const otherStreamsZh = ({ kind }) =>
  kind === 'division'
    ? '其他区划的资金池是否还接收过本区划在途的资金，或另有年度的资金池未收录，本包不能证明；对整本账运行 yichi verify 可以查明。'
    : '是否还有其他区划或年度的资金池动用过这笔钱，本包不能证明；对整本账运行 yichi verify 可以查明。';
