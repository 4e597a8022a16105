/*
 * A process that is killed: opens the built ledger in a directory, keeps its read model up to date, and lets eight
 * writers pay, transfer and return one after another. What is acknowledged is said on stdout before the next command.
 * Arguments: directory, and the first number of each writer.
 */
const { writeSync } = require('node:fs');
const { join } = require('node:path');

const DIST = join(__dirname, '..', '..', '..', 'dist', 'src');
const { Ledger } = require(join(DIST, 'ledger', 'ledger.js'));
const { commandIdFrom } = require(join(DIST, 'event-log', 'event-id.js'));

const [, , directory, ...first] = process.argv;
const STDOUT = 1;
const line = { documentNo: '文1', channelCode: 'C-JT', purposeCode: 'ROAD', amount: 100 };

const run = async () => {
  const ledger = await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` });
  await ledger.catchUp();
  await ledger.finishCrossings();
  ledger.follow(() => undefined);
  const write = async (writer, from) => {
    for (let number = from; ; number += 1) {
      const id = `${writer}-${number}`;
      const request = {
        commandId: commandIdFrom(id),
        correlationId: 'kill',
        causationId: null,
        actor: { id: `writer-${writer}`, role: 'test', division: '' },
      };
      const entry = { fiscalYear: 2024, effectiveOn: '2024-03-01' };
      const answer =
        number % 4 === 3
          ? await ledger.desk.pool(
              'TransferFunds',
              {
                ...entry,
                division: '63',
                transferNo: `下${id}`,
                lines: [{ ...line, toDivision: '630222', integrated: false }],
              },
              request,
            )
          : await ledger.desk.pool(
              'RecordPayment',
              {
                ...entry,
                division: '630222',
                voucherNo: `支${id}`,
                payee: '某施工队',
                lineSelection: 'fifo',
                requestedBy: null,
                approvedBy: null,
                lines: [{ ...line, projectCode: 'ROAD-1', place: '630222103200' }],
              },
              request,
            );
      writeSync(STDOUT, `${JSON.stringify({ writer, number, eventIds: answer.eventIds })}\n`);
    }
  };
  await Promise.all(first.map((number, writer) => write(writer, Number(number))));
};

run().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
