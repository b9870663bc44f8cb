-- Which open documents a payment could concern. As functions, because these keep their plans whatever they are asked with:
-- planning the question for each payment takes several times as long as answering it from the indexes.

-- What numbers look like, and which terms are agreed, among open documents: a probe of an index for each different one.
create function open_document_shapes(with_contracts boolean) returns table (kind text, one text)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
    with recursive shapes(shape) as (
      (select regexp_replace(i.invoice, '[0-9]', '1', 'g') from invoices i where i.balance_minor <> 0 order by 1 limit 1)
      union all
      select (select regexp_replace(i.invoice, '[0-9]', '1', 'g') from invoices i
               where i.balance_minor <> 0 and regexp_replace(i.invoice, '[0-9]', '1', 'g') > s.shape order by 1 limit 1)
        from shapes s where s.shape is not null)
    select 'numbers', shape from shapes where shape is not null;
  return query
    with recursive shapes(shape) as (
      (select i.payment_terms from invoices i where i.balance_minor <> 0 order by 1 limit 1)
      union all
      select (select i.payment_terms from invoices i
               where i.balance_minor <> 0 and i.payment_terms > s.shape order by 1 limit 1)
        from shapes s where s.shape is not null)
    select 'terms', shape from shapes where shape is not null;
  if with_contracts then
    return query
      with recursive shapes(shape) as (
        (select regexp_replace(i.contract, '[0-9]', '1', 'g') from invoices i where i.balance_minor <> 0 order by 1 limit 1)
        union all
        select (select regexp_replace(i.contract, '[0-9]', '1', 'g') from invoices i
                 where i.balance_minor <> 0 and regexp_replace(i.contract, '[0-9]', '1', 'g') > s.shape order by 1 limit 1)
          from shapes s where s.shape is not null)
      select 'contracts', shape from shapes where shape is not null;
  end if;
end $$;
--> statement-breakpoint
-- Open documents that can be paid, in one world (of_clock is null: the real one), with who pays them and their open lines.
create function open_documents(of_invoices text[], of_clock text)
returns table (invoice text, account text, contract text, currency text, issued text, due text, balance text, terms text, lines json)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
    select i.invoice,
           coalesce((select m.survivor from account_merges m where m.account = i.account), i.account),
           i.contract, i.currency, i.issued_on::text, i.due_on::text, i.balance_minor::text, i.payment_terms,
           (select json_agg(json_build_object('line', l.line, 'subcontract', l.subcontract,
                     'open', l.open_minor, 'disputed', l.disputed) order by l.position)
              from invoice_lines l where l.invoice = i.invoice and l.open_minor <> 0)
      from invoices i
     where i.invoice = any(of_invoices) and i.balance_minor <> 0 and i.state not in ('void', 'written_off')
       and exists (select 1 from clock_accounts c where c.account = i.account
                      and (of_clock is null or c.clock = of_clock)) = (of_clock is not null)
     order by i.due_on, i.invoice;
end $$;
--> statement-breakpoint
-- Numbers of open documents that a payment could concern, perhaps twice, perhaps of another world: what its text could name
-- (keys as numberKey makes them), what it names for sure, one of every look, those whose key is another here than there,
-- and its payer's, or where the payer is not known those whose balance lies in one of some ranges.
create function open_documents_near(
  number_keys text[], numbers text[], contract_keys text[], shapes text[], of_account text,
  of_currency text, balances_from bigint[], balances_to bigint[], of_clock text)
returns setof text
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  if cardinality(number_keys) > 0 then
    return query select i.invoice from invoices i where i.balance_minor <> 0
      and (translate(upper(regexp_replace(i.invoice, '[^A-Za-z0-9]', '', 'g') collate "C"), 'O', '0')) = any(number_keys);
  end if;
  if cardinality(contract_keys) > 0 then
    return query select i.invoice from invoices i where i.balance_minor <> 0
      and (translate(upper(regexp_replace(i.contract, '[^A-Za-z0-9]', '', 'g') collate "C"), 'O', '0')) = any(contract_keys);
  end if;
  return query select unnest(numbers);
  return query select o.invoice from unnest(shapes) s(shape) cross join lateral (
    select i.invoice from invoices i
     where i.balance_minor <> 0 and i.state not in ('void', 'written_off')
       and regexp_replace(i.invoice, '[0-9]', '1', 'g') = s.shape
       and exists (select 1 from clock_accounts c where c.account = i.account
                      and (of_clock is null or c.clock = of_clock)) = (of_clock is not null)
     limit 1) o;
  return query select i.invoice from invoices i
    where i.balance_minor <> 0 and (i.invoice ~ '[^ -~]' or i.contract ~ '[^ -~]');
  if of_account is null then
    return query select i.invoice from unnest(balances_from, balances_to) r(least, most)
      cross join lateral (select i.invoice from invoices i
        where i.balance_minor <> 0 and i.currency = of_currency and i.balance_minor between r.least and r.most) i;
  else
    return query select i.invoice from invoices i where i.balance_minor <> 0
      and i.account = any(array(select of_account union all
                                select m.account from account_merges m where m.survivor = of_account));
  end if;
end $$;
