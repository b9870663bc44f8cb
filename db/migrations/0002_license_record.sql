CREATE TABLE "corrections" (
	"correction" text PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"state" text NOT NULL,
	"changes" jsonb NOT NULL,
	"remark" text,
	"proposed_on" date NOT NULL,
	"decided_by" text,
	"decided_on" date,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grace_grants" (
	"grace" text PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"contract" text NOT NULL,
	"subcontract" text,
	"through" date NOT NULL,
	"reason" text NOT NULL,
	"granted_by" text NOT NULL,
	"granted_on" date NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "license_transitions" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"license" text NOT NULL,
	"action" text NOT NULL,
	"state" text NOT NULL,
	"cause" text NOT NULL,
	"actor" text NOT NULL,
	"happened_on" date NOT NULL,
	"note" text,
	"replaced_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "corrections_account" ON "corrections" USING btree ("account","state");--> statement-breakpoint
CREATE INDEX "grace_grants_contract" ON "grace_grants" USING btree ("contract");--> statement-breakpoint
CREATE INDEX "license_transitions_license" ON "license_transitions" USING btree ("license");--> statement-breakpoint
CREATE INDEX "license_keys_key" ON "license_keys" USING hash ("key");--> statement-breakpoint
-- Licenses that are there already: what is known of their past.
INSERT INTO license_transitions (license, action, state, cause, actor, happened_on)
  SELECT license, 'issue', 'enabled', cause, 'perennial', issued_on FROM license_keys
  ORDER BY created_at;
--> statement-breakpoint
INSERT INTO license_transitions (license, action, state, cause, actor, happened_on, replaced_by)
  SELECT old.license, 'supersede', 'superseded', coalesce(new.cause, 'replaced'), 'perennial',
    coalesce(new.issued_on, old.issued_on), old.superseded_by
  FROM license_keys old LEFT JOIN license_keys new ON new.license = old.superseded_by
  WHERE old.state = 'superseded';
--> statement-breakpoint
INSERT INTO license_transitions (license, action, state, cause, actor, happened_on)
  SELECT license, CASE state WHEN 'suspended' THEN 'suspend' ELSE 'revoke' END, state, 'unpaid',
    'perennial', greatest(issued_on, valid_from)
  FROM license_keys WHERE state IN ('suspended', 'revoked');
