/** What was done, said in a corner; with a way back where there is one. */
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck } from '@tabler/icons-react';

export function say(words: string, undo?: () => void): void {
  const id = `said-${Date.now()}`;
  notifications.show({
    id,
    icon: <IconCheck size={16} />,
    autoClose: undo === undefined ? 5_000 : 12_000,
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text>{words}</Text>
        {undo !== undefined && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            Undo
          </Button>
        )}
      </Group>
    ),
  });
}
