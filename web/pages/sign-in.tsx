/** Signing in with a password. One-time links have a page of their own, which the server gives without any script. */
import { Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Session } from '../../api/types.ts';
import { write } from '../data/client.ts';
import { ProblemPanel } from '../parts/states.tsx';

export function SignIn({ signedIn }: { signedIn: () => void }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => write<Session>('POST', '/session', { email, password }),
    onSuccess: signedIn,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <main style={{ minHeight: '100dvh', display: 'grid', placeItems: 'center', padding: 16 }}>
      <form
        className="panel"
        style={{ width: '100%', maxWidth: 400, padding: 32 }}
        onSubmit={submit}
      >
        <Stack gap="md">
          <img src="/mark.svg" width={40} height={40} alt="" />
          <div>
            <Title order={1}>Sign in to Perennial</Title>
            <Text className="dim">With your mail address and password.</Text>
          </div>
          <TextInput
            label="Mail address"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.error !== null && <ProblemPanel error={signIn.error} />}
          <Button type="submit" loading={signIn.isPending} fullWidth>
            Sign in
          </Button>
          <Text className="small dim">
            First time here? Open the sign-in link that the first start printed or an admin sent
            you. It works once; then choose a password under Settings.
          </Text>
        </Stack>
      </form>
    </main>
  );
}
