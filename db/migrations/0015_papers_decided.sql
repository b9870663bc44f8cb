ALTER TABLE "received_papers" ADD COLUMN "contract" text;--> statement-breakpoint
ALTER TABLE "received_papers" ADD COLUMN "state" text DEFAULT 'read' NOT NULL;--> statement-breakpoint
ALTER TABLE "received_papers" ADD COLUMN "fault" text;--> statement-breakpoint
ALTER TABLE "received_papers" ADD COLUMN "decision" text;--> statement-breakpoint
ALTER TABLE "received_papers" ADD COLUMN "decision_reason" text;--> statement-breakpoint
ALTER TABLE "received_papers" ADD COLUMN "decided_by" text;--> statement-breakpoint
ALTER TABLE "received_papers" ADD COLUMN "decided_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "received_papers" ADD COLUMN "order_number" text;--> statement-breakpoint
CREATE INDEX "received_papers_contract" ON "received_papers" USING btree ("contract");