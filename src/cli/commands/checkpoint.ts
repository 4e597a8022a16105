import type { DomainError } from '../../platform/domain-error';
import type { KeptCheckpoint } from '../../audit/checkpoints/kept-checkpoint';
import { asUsage, EXIT } from '../exit-code';
import { withLedger } from '../open-ledger';
import type { Register } from '../program';

interface Options {
  readonly now?: boolean;
  readonly key?: boolean;
}

export const registerCheckpoint: Register = (line) =>
  void line.add<Options>({
    name: 'checkpoint',
    zh: '检查点：对全部事件的签名声明（C2SP tlog-checkpoint），交给日志所有者之外的人保存',
    en: 'the newest checkpoint: a signed statement of all events (C2SP tlog-checkpoint), for others to keep',
    example: 'yichi checkpoint --now > 2024年终.checkpoint',
    configure: (command, say) =>
      command
        .option('--now', say('先出具一个新的，并送往 YICHI_CHECKPOINT_TO', 'make one first, and publish it'))
        .option('--key', say('打印账本的公钥（名称+编号+base64）', 'print the verifier key (name+id+base64)')),
    run: async (context, _args, { now, key }) => {
      const { terminal, settings } = context;
      const { parsePlace } = await import('../../audit/checkpoints/place');
      asUsage(() => settings.checkpoints.to.map(parsePlace));
      const tellTrouble = (trouble: DomainError): void => terminal.message(trouble.message, trouble.messageEn);
      await withLedger(context, async ({ checkpoints }) => {
        if (key === true) {
          const verifierKey = await checkpoints.verifierKey();
          terminal.data(
            () => verifierKey,
            () => ({ key: verifierKey }),
          );
          return;
        }
        const { noCheckpoint } = await import('../../audit/checkpoints/checkpoint-failure');
        const kept = now === true ? await checkpoints.make(tellTrouble) : await checkpoints.latest();
        if (kept === null) throw noCheckpoint();
        terminal.data(
          () => kept.note.trimEnd(),
          () => ({ checkpoint: checkpointJson(kept) }),
        );
      });
      return EXIT.done;
    },
  });

const checkpointJson = ({ note, size, root }: KeptCheckpoint) => ({ origin: note.split('\n', 1)[0], size, root, note });
