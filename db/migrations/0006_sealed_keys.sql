DROP INDEX "license_keys_key";--> statement-breakpoint
ALTER TABLE "license_keys" ALTER COLUMN "contract" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "license_keys" ALTER COLUMN "subcontract" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "license_keys" ADD COLUMN "features" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "license_keys" ADD COLUMN "fingerprint" text;--> statement-breakpoint
ALTER TABLE "license_keys" ADD COLUMN "key_end" text;--> statement-breakpoint
ALTER TABLE "license_keys" ADD COLUMN "issue_number" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "license_keys" ADD COLUMN "mail" text;--> statement-breakpoint
-- Of keys that are there already, as they stand; the worker seals them when it starts.
UPDATE "license_keys" SET
  "key_end" = right("key", 6),
  "fingerprint" = encode(sha256(CASE
    WHEN "key" ~ '^key/[A-Za-z0-9_-]+[.]' THEN decode(
      rpad(translate(split_part(substr("key", 5), '.', 1), '-_', '+/'),
        4 * ceil(length(split_part(substr("key", 5), '.', 1)) / 4.0)::int, '='), 'base64')
    ELSE convert_to("key", 'UTF8') END), 'hex');--> statement-breakpoint
ALTER TABLE "license_keys" ALTER COLUMN "fingerprint" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "license_keys" ALTER COLUMN "key_end" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "license_keys_fingerprint" ON "license_keys" USING btree ("fingerprint");
