/** A button that takes a customer's purchase order; its page then shows how far it is read. */
import { Button, FileButton, Stack } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import type { OrderPaperView } from '../../api/types.ts';
import { sendBytes, withQuery } from '../data/client.ts';
import { useAction } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { pathOf, useGo } from './link.tsx';
import { ProblemPanel } from './states.tsx';

/** @param contract whose order it is, where that is known */
export function BringOrder({ contract }: { contract?: string }) {
  const go = useGo();
  const may = useMay();
  const send = useAction(
    (file: File) =>
      sendBytes<OrderPaperView>(
        withQuery('/orders/papers', { fileName: file.name, contract }),
        file,
      ),
    ({ paper }) => go(pathOf.purchaseOrder(paper)),
  );
  if (!may('renewal:decide')) return null;
  return (
    <Stack gap="xs">
      <FileButton onChange={(file) => file !== null && send.mutate(file)}>
        {(props) => (
          <Button
            {...props}
            variant="default"
            leftSection={<IconUpload size={16} />}
            loading={send.isPending}
          >
            Read an order
          </Button>
        )}
      </FileButton>
      {send.error !== null && <ProblemPanel error={send.error} />}
    </Stack>
  );
}
