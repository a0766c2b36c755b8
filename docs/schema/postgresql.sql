CREATE EXTENSION btree_gist;

CREATE OR REPLACE FUNCTION public.account_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.activation_code_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_figures_followed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE assessment SET revision = NEW.revision WHERE id = NEW.assessment_id; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_figures_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NOT EXISTS (SELECT 1 FROM assessment a WHERE a.id = NEW.assessment_id AND NEW.revision = a.revision + 1 AND (a.step IS NULL OR a.step IN ('collected', 'returned', 'retracted'))) THEN RAISE EXCEPTION 'figures are taken before they are reviewed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_line_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (SELECT count(*) FROM assessment_line l WHERE l.figures_id = NEW.figures_id) >= (SELECT f.people FROM assessment_figures f WHERE f.id = NEW.figures_id) THEN RAISE EXCEPTION 'figures have their lines from the beginning' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_on_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'an assessment stays' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.step IS NOT NULL OR NEW.step_seq <> 0 OR NEW.revision <> 0 THEN RAISE EXCEPTION 'an assessment begins at its beginning' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_on_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.unit_id <> OLD.unit_id OR NEW.committee_id <> OLD.committee_id OR NEW.span <> OLD.span OR NEW.started_at <> OLD.started_at OR NEW.revision <> (SELECT coalesce(max(f.revision), 0) FROM assessment_figures f WHERE f.assessment_id = NEW.id) OR NEW.step_seq <> (SELECT coalesce(max(s.seq), 0) FROM assessment_step s WHERE s.assessment_id = NEW.id) OR (NEW.step_seq = 0 AND NEW.step IS NOT NULL) OR (NEW.step_seq > 0 AND NOT EXISTS (SELECT 1 FROM assessment_step s WHERE s.assessment_id = NEW.id AND s.seq = NEW.step_seq AND s.step = NEW.step AND s.at = NEW.step_at AND s.actor_id = NEW.step_by_id)) THEN RAISE EXCEPTION 'the state of an assessment follows from its steps' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_remark_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NOT EXISTS (SELECT 1 FROM assessment a WHERE a.id = NEW.assessment_id AND a.step IN ('collected', 'returned', 'retracted')) THEN RAISE EXCEPTION 'remarks are made by the branch, before its review' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_step_followed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE assessment SET step = NEW.step, step_seq = NEW.seq, step_at = NEW.at, step_by_id = NEW.actor_id WHERE id = NEW.assessment_id; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.assessment_step_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NOT EXISTS (SELECT 1 FROM assessment a WHERE a.id = NEW.assessment_id AND NEW.seq = a.step_seq + 1 AND NEW.revision = a.revision AND (a.step_by_id IS NULL OR a.step_by_id <> NEW.actor_id) AND ((NEW.step = 'collected' AND a.step IS NULL) OR (NEW.step = 'reviewed' AND a.step IN ('collected', 'returned', 'retracted')) OR (NEW.step = 'returned' AND a.step IN ('reviewed', 'approved')) OR (NEW.step = 'approved' AND a.step = 'reviewed') OR (NEW.step = 'publicised' AND a.step = 'approved') OR (NEW.step IN ('retracted', 'locked') AND a.step = 'publicised'))) OR (SELECT count(*) FROM assessment_line l WHERE l.figures_id = (SELECT f.id FROM assessment_figures f WHERE f.assessment_id = NEW.assessment_id AND f.revision = NEW.revision)) <> (SELECT f.people FROM assessment_figures f WHERE f.id = (SELECT f.id FROM assessment_figures f WHERE f.assessment_id = NEW.assessment_id AND f.revision = NEW.revision)) OR (NEW.step IN ('approved', 'returned', 'locked') AND EXISTS (SELECT 1 FROM assessment_line l WHERE l.figures_id = (SELECT f.id FROM assessment_figures f WHERE f.assessment_id = NEW.assessment_id AND f.revision = NEW.revision) AND l.person_id = NEW.actor_id)) OR (NEW.step = 'publicised' AND NOT EXISTS (SELECT 1 FROM publicity p WHERE p.id = NEW.publicity_id AND p.subject_kind = 'assessment' AND p.subject_id = NEW.assessment_id AND p.withdrawn_at IS NULL AND p.concluded_on IS NULL)) OR (NEW.step = 'retracted' AND NOT EXISTS (SELECT 1 FROM publicity p WHERE p.id = NEW.publicity_id AND p.subject_kind = 'assessment' AND p.subject_id = NEW.assessment_id AND p.withdrawn_at IS NOT NULL)) OR (NEW.step = 'locked' AND (EXISTS (SELECT 1 FROM objection o WHERE o.publicity_id = NEW.publicity_id AND (o.verdict = 'upheld' OR o.answered_at IS NULL)) OR NOT EXISTS (SELECT 1 FROM publicity p WHERE p.id = NEW.publicity_id AND p.subject_kind = 'assessment' AND p.subject_id = NEW.assessment_id AND p.concluded_on IS NOT NULL))) THEN RAISE EXCEPTION 'not this step, not now, or not by this person' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.attendance_of_who_went()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.became_id IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this record was merged' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_account_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_account does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_account_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_account is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.bank_aside_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_aside does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_aside_holds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((
NEW.verdict IS NULL AND NEW.ended_at IS NULL
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id
  WHERE l.id = NEW.line_id AND s.voided_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.line_id = NEW.line_id AND m.ended_at IS NULL)
) AND (NOT EXISTS (SELECT 1 FROM bank_group_line x WHERE x.line_id = NEW.line_id AND NOT x.ended))) IS NOT TRUE THEN RAISE EXCEPTION 'this line is matched' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_aside_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_aside is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.bank_aside_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.verdict IS NULL OR (OLD.verdict = 'approved' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'bank_aside stands' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_aside_said()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.verdict IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'bank_aside is decided' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_corrected()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE bank_group SET ended_at = NEW.at, ended_by_id = NEW.by_id, end_reason = '其中一笔已更正' WHERE NEW.step = 'corrected' AND ended_at IS NULL AND id IN (SELECT x.group_id FROM bank_group_request x WHERE x.request_id = NEW.request_id AND NOT x.ended); RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_deputy()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.made_by_id AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.made_at AND CAST(NEW.made_at + interval '8 hours' AS date) BETWEEN d.first_on AND d.last_on AND (d.ended_at IS NULL OR d.ended_at > NEW.made_at)))) IS NOT TRUE THEN RAISE EXCEPTION 'not for somebody who is not away' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_group does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_freed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE bank_group_line SET ended = TRUE WHERE group_id = NEW.id AND NOT ended; UPDATE bank_group_request SET ended = TRUE WHERE group_id = NEW.id AND NOT ended; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_group is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_line_ends()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.ended AND NOT OLD.ended AND NEW.group_id = OLD.group_id AND NEW.line_id = OLD.line_id AND EXISTS (SELECT 1 FROM bank_group g WHERE g.id = OLD.group_id AND g.ended_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'bank_group_line ends with its group' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_line_holds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NOT NEW.ended AND NOT EXISTS (SELECT 1 FROM bank_group g WHERE g.id = NEW.group_id)
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id WHERE l.id = NEW.line_id AND s.voided_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.line_id = NEW.line_id AND m.ended_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_aside a WHERE a.line_id = NEW.line_id AND a.ended_at IS NULL
  AND (a.verdict IS NULL OR a.verdict = 'approved'))
) IS NOT TRUE THEN RAISE EXCEPTION 'this line is something else' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_line_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_group_line is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.ended_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'bank_group stands' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_request_ends()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.ended AND NOT OLD.ended AND NEW.group_id = OLD.group_id AND NEW.request_id = OLD.request_id AND EXISTS (SELECT 1 FROM bank_group g WHERE g.id = OLD.group_id AND g.ended_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'bank_group_request ends with its group' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_request_holds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NOT NEW.ended AND NOT EXISTS (SELECT 1 FROM bank_group g WHERE g.id = NEW.group_id)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id
  AND ((r.kind = 'payment' AND r.state = 'reconciled') OR (r.kind IN ('donation', 'refund') AND r.state = 'approved')))
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.request_id = NEW.request_id AND m.ended_at IS NULL)
) IS NOT TRUE THEN RAISE EXCEPTION 'this request is something else' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_request_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_group_request is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.bank_group_whole()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.ended_at IS NULL
AND NEW.lines = (SELECT count(*) FROM bank_group_line x WHERE x.group_id = NEW.id)
AND NEW.requests = (SELECT count(*) FROM bank_group_request x WHERE x.group_id = NEW.id)
AND NEW.fen = (SELECT sum(l.fen) FROM bank_group_line x JOIN bank_line_entry l ON l.id = x.line_id WHERE x.group_id = NEW.id)
AND NEW.fen = (SELECT sum(CASE WHEN r.kind = 'payment' THEN -r.fen ELSE r.fen END)
  FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id WHERE x.group_id = NEW.id)
AND 1 = (SELECT count(DISTINCT CASE WHEN r.kind = 'payment' THEN 1 ELSE 0 END)
  FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id WHERE x.group_id = NEW.id)
AND NOT EXISTS (SELECT 1 FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id
  JOIN fund_step_entry t ON t.request_id = r.id AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  WHERE x.group_id = NEW.id AND (t.by_id IN (NEW.made_by_id, coalesce(NEW.for_id, NEW.made_by_id)) OR t.for_id IN (NEW.made_by_id, coalesce(NEW.for_id, NEW.made_by_id))
    OR EXISTS (SELECT 1 FROM bank_group_line y JOIN bank_line_entry l ON l.id = y.line_id JOIN bank_statement s ON s.id = l.statement_id
      WHERE y.group_id = NEW.id AND s.made_by_id IN (t.by_id, coalesce(t.for_id, t.by_id)))))
) IS NOT TRUE THEN RAISE EXCEPTION 'these lines are not those requests' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_line_runs()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
EXISTS (SELECT 1 FROM bank_statement s WHERE s.id = NEW.statement_id AND s.voided_at IS NULL
  AND NEW.booked_on >= s.first_on AND NEW.booked_on <= s.last_on
  AND NEW.seq <= s.lines AND (NEW.seq < s.lines OR NEW.balance = s.closing)
  AND NEW.balance - NEW.fen = CASE WHEN NEW.seq = 1 THEN s.opening
    ELSE (SELECT l.balance FROM bank_line_entry l WHERE l.statement_id = NEW.statement_id AND l.seq = NEW.seq - 1) END)
) IS NOT TRUE THEN RAISE EXCEPTION 'the balance does not run' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_match_corrected()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE bank_match SET ended_at = NEW.at, ended_by_id = NEW.by_id, end_reason = '这一笔已更正' WHERE NEW.step = 'corrected' AND request_id = NEW.request_id AND ended_at IS NULL; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.bank_match_deputy()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
(NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.made_by_id AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.made_at AND CAST(NEW.made_at + interval '8 hours' AS date) BETWEEN d.first_on AND d.last_on AND (d.ended_at IS NULL OR d.ended_at > NEW.made_at)))
AND NOT EXISTS (SELECT 1 FROM fund_step_entry t JOIN fund_request r ON r.id = t.request_id WHERE t.request_id = NEW.request_id
  AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  AND (t.by_id = coalesce(NEW.for_id, 0) OR t.for_id = NEW.for_id))
) IS NOT TRUE THEN RAISE EXCEPTION 'not for somebody who paid it' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_match_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_match does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_match_holds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((
NEW.ended_at IS NULL
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id JOIN fund_request r ON r.id = NEW.request_id
  WHERE l.id = NEW.line_id AND s.voided_at IS NULL
  AND ((r.kind = 'payment' AND r.state = 'reconciled' AND l.fen = -r.fen)
    OR (r.kind IN ('donation', 'refund') AND r.state = 'approved' AND l.fen = r.fen)))
AND NOT EXISTS (SELECT 1 FROM bank_aside a WHERE a.line_id = NEW.line_id AND a.ended_at IS NULL
  AND (a.verdict IS NULL OR a.verdict = 'approved'))
AND NOT EXISTS (SELECT 1 FROM fund_step_entry t JOIN fund_request r ON r.id = t.request_id
  JOIN bank_line_entry l ON l.id = NEW.line_id JOIN bank_statement s ON s.id = l.statement_id
  WHERE t.request_id = NEW.request_id AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  AND (t.by_id IN (NEW.made_by_id, s.made_by_id) OR t.for_id IN (NEW.made_by_id, s.made_by_id)))
) AND (NOT EXISTS (SELECT 1 FROM bank_group_line x WHERE x.line_id = NEW.line_id AND NOT x.ended) AND NOT EXISTS (SELECT 1 FROM bank_group_request x WHERE x.request_id = NEW.request_id AND NOT x.ended))) IS NOT TRUE THEN RAISE EXCEPTION 'this line is not that request' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_match_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_match is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.bank_match_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.ended_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'bank_match stands' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_statement_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_statement does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_statement_follows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.voided_at IS NULL
AND NOT EXISTS (SELECT 1 FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.first_on <= NEW.last_on AND o.last_on >= NEW.first_on)
AND NEW.opening = coalesce((SELECT o.closing FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.last_on < NEW.first_on ORDER BY o.last_on DESC LIMIT 1), NEW.opening)
AND NEW.closing = coalesce((SELECT o.opening FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.first_on > NEW.last_on ORDER BY o.first_on LIMIT 1), NEW.closing)
) IS NOT TRUE THEN RAISE EXCEPTION 'a statement follows the one before it' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.bank_statement_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'bank_statement is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.bank_statement_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((
OLD.voided_at IS NULL
AND NOT EXISTS (SELECT 1 FROM bank_statement o WHERE o.account_id = OLD.account_id AND o.voided_at IS NULL AND o.first_on > OLD.last_on)
AND NOT EXISTS (SELECT 1 FROM bank_match m JOIN bank_line_entry l ON l.id = m.line_id
  WHERE l.statement_id = OLD.id AND m.ended_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_aside a JOIN bank_line_entry l ON l.id = a.line_id
  WHERE l.statement_id = OLD.id AND a.ended_at IS NULL AND (a.verdict IS NULL OR a.verdict = 'approved'))
) AND (NOT EXISTS (SELECT 1 FROM bank_group_line x JOIN bank_line_entry l ON l.id = x.line_id WHERE l.statement_id = OLD.id AND NOT x.ended))) IS NOT TRUE THEN RAISE EXCEPTION 'bank_statement stands' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.board_line_published()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM board_publication WHERE board_publication.board_id = NEW.board_id) THEN RAISE EXCEPTION 'a published board gains no line' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.board_publication_two_people()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM board WHERE board.id = NEW.board_id AND board.frozen_by_id = NEW.published_by_id) THEN RAISE EXCEPTION 'who froze a board does not publish it' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_request_rule_4()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.issued_at IS NOT NULL OR OLD.ended_at IS NOT NULL THEN RAISE EXCEPTION 'what was issued or has ended stays' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_request_rule_5()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'a request stays' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_request_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((OLD.issued_at IS NULL AND OLD.ended_at IS NULL) OR (EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL) AND (NEW.purpose = OLD.purpose OR NEW.purpose IN ('', '已按本人要求删除')) AND (NEW.document_masked = OLD.document_masked OR NEW.document_masked IN ('', '已按本人要求删除')) AND (NEW.document_hash = OLD.document_hash OR NEW.document_hash IN ('', '已按本人要求删除')) AND (NEW.contact = OLD.contact OR NEW.contact IN ('', '已按本人要求删除')) AND (NEW.notes = OLD.notes OR NEW.notes IN ('', '已按本人要求删除')) AND (NEW.end_reason = OLD.end_reason OR NEW.end_reason IN ('', '已按本人要求删除')) AND (NEW.document_kind IS NULL OR NEW.document_kind = OLD.document_kind))) IS NOT TRUE THEN RAISE EXCEPTION 'what was issued or has ended stays' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_revocation_rule_6()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.decided_at IS NOT NULL THEN RAISE EXCEPTION 'a decision stays' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_revocation_rule_7()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM certificate WHERE certificate.id = NEW.certificate_id AND certificate.person_id = NEW.decided_by_id) THEN RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_revocation_rule_8()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'a decision stays' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_rule_1()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM certificate WHERE unit_id = NEW.unit_id AND year = NEW.year) THEN RAISE EXCEPTION 'certificates are numbered without a gap' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_rule_2()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NOT EXISTS (SELECT 1 FROM certificate_request r WHERE r.id = NEW.request_id AND r.person_id = NEW.person_id AND r.unit_id = NEW.unit_id AND r.accepted_at IS NOT NULL AND r.ended_at IS NULL AND r.accepted_by_id <> NEW.issued_by_id AND coalesce(r.replaces_id, 0) = coalesce(NEW.replaces_id, 0)) THEN RAISE EXCEPTION 'a certificate is issued of what another has accepted' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.certificate_rule_3()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.replaces_id IS NOT NULL AND EXISTS (SELECT 1 FROM certificate_revocation WHERE certificate_revocation.certificate_id = NEW.replaces_id AND verdict = 'confirmed') THEN RAISE EXCEPTION 'what was revoked is not replaced' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.confirmed_pack_one_stands()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.nth > 1 AND NOT EXISTS (SELECT 1 FROM confirmed_pack p JOIN pack_withdrawal w ON w.pack_id = p.id WHERE p.person_id = NEW.person_id AND p.stage = NEW.stage AND p.began_on = NEW.began_on AND p.nth = NEW.nth - 1) THEN RAISE EXCEPTION 'another confirmation stands' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.consent_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.count_pledges()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF TG_OP <> 'INSERT' THEN UPDATE offer SET taken = taken - 1 WHERE id = OLD.offer_id AND OLD.withdrawn_at IS NULL; END IF; IF TG_OP <> 'DELETE' THEN UPDATE offer SET taken = taken + 1 WHERE id = NEW.offer_id AND NEW.withdrawn_at IS NULL; END IF; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.count_post_holders()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF TG_OP <> 'INSERT' THEN UPDATE post SET held = held - 1 WHERE id = OLD.post_id AND OLD.valid_to IS NULL; END IF; IF TG_OP <> 'DELETE' THEN UPDATE post SET held = held + 1 WHERE id = NEW.post_id AND NEW.valid_to IS NULL; END IF; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.count_seats()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF TG_OP <> 'INSERT' THEN UPDATE shift_position SET taken = taken - 1 WHERE id = OLD.position_id AND OLD.seated_at IS NOT NULL AND OLD.withdrawn_at IS NULL; END IF; IF TG_OP <> 'DELETE' THEN UPDATE shift_position SET taken = taken + 1 WHERE id = NEW.position_id AND NEW.seated_at IS NOT NULL AND NEW.withdrawn_at IS NULL; END IF; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.dispute_two_hands()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.answered_by_id IS NULL OR NEW.outcome IS NULL OR NEW.outcome <> 'upheld' OR NOT EXISTS (SELECT 1 FROM dispute_aside WHERE dispute_aside.dispute_id = NEW.id AND dispute_aside.person_id = NEW.answered_by_id)) IS NOT TRUE THEN RAISE EXCEPTION 'who made the record does not uphold it' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_account_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_account stays what it is' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_account_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_account is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_account_kind()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.kind = OLD.kind OR (NEW.kind IN ('project', 'other') AND (NEW.kind = 'other') = (SELECT p.source = 'other' FROM fund_project p WHERE p.id = NEW.project_id) AND NOT EXISTS (SELECT 1 FROM fund_movement_entry m WHERE NEW.id IN (m.from_account_id, m.to_account_id)))) IS NOT TRUE THEN RAISE EXCEPTION 'fund_account is of another kind' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_account_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((NEW.project_id IS NULL OR (NEW.kind = 'other') = (SELECT p.source = 'other' FROM fund_project p WHERE p.id = NEW.project_id)) AND (NEW.purpose_id IS NULL OR EXISTS (SELECT 1 FROM fund_purpose p WHERE p.id = NEW.purpose_id AND p.verdict = 'approved'))) IS NOT TRUE THEN RAISE EXCEPTION 'fund_account is of another kind' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_amendment_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
OLD.decided_at IS NULL AND (NEW.verdict <> 'approved' OR (
  NEW.fen = (SELECT sum(q.fen) FROM fund_amendment_part q WHERE q.amendment_id = NEW.id) AND NEW.fen <= (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = NEW.project_id)
  AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN ('running', 'midterm', 'paused', 'final')
    AND NEW.decided_by_id <> p.created_by_id AND (p.applicant_id IS NULL OR NEW.decided_by_id <> p.applicant_id))
  AND NOT EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = NEW.project_id AND d.by_id = NEW.decided_by_id)
  AND NOT EXISTS (SELECT 1 FROM fund_stage_entry s
    WHERE s.project_id = NEW.project_id AND s.stage = 'applied' AND s.by_id = NEW.decided_by_id)
  AND NOT EXISTS (SELECT 1 FROM fund_instalment i WHERE i.project_id = NEW.project_id AND coalesce((SELECT sum(g.fen) FROM fund_request g WHERE g.instalment_id = i.id AND g.kind = 'grant' AND (g.state IS NULL OR g.state IN ('requested', 'approved'))), 0) > coalesce(
    (SELECT q.fen FROM fund_amendment_part q WHERE q.amendment_id = NEW.id AND q.place = i.place), 0))))
) IS NOT TRUE THEN RAISE EXCEPTION 'decided once, by another, within what was granted' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_amendment_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_amendment is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_amendment_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN ('running', 'midterm', 'paused', 'final'))) IS NOT TRUE THEN RAISE EXCEPTION 'only a contract that runs is amended' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_amendment_part_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_amendment a WHERE a.id = NEW.amendment_id AND a.verdict IS NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'the amendment was decided' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_amendment_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_amendment does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_budget_line_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'the budget is fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_budget_line_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = OLD.project_id AND p.stage = 'draft')) IS NOT TRUE THEN RAISE EXCEPTION 'the budget is fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_budget_line_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'draft')) IS NOT TRUE THEN RAISE EXCEPTION 'the budget is fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_call_change_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.decided_at IS NULL AND (NEW.verdict <> 'approved' OR ((NEW.closes_on IS NULL OR CAST(NEW.decided_at + interval '8 hours' AS date) <= NEW.was_on) AND (NEW.closes_on IS NOT NULL OR NOT EXISTS (SELECT 1 FROM fund_project p WHERE p.call_id = NEW.call_id AND p.stage NOT IN ('draft', 'applied', 'checked', 'scored', 'publicised', 'declined')))))) IS NOT TRUE THEN RAISE EXCEPTION 'decided once, while the call is open' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_call_change_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_call_change is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_call_change_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_call k WHERE k.id = NEW.call_id AND k.published_at IS NOT NULL AND k.withdrawn_at IS NULL AND k.closes_on = NEW.was_on AND (NEW.closes_on IS NULL OR NEW.closes_on > k.closes_on))) IS NOT TRUE THEN RAISE EXCEPTION 'only a published call is changed, never shortened' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_call_change_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_call_change does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_call_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
OLD.published_at IS NULL AND NEW.withdrawn_at IS NULL
OR (OLD.published_at IS NOT NULL AND OLD.withdrawn_at IS NULL AND NEW.kind = OLD.kind AND NEW.title = OLD.title AND NEW.words = OLD.words AND NEW.opens_on = OLD.opens_on AND NEW.need = OLD.need AND NEW.fit = OLD.fit AND NEW.participation = OLD.participation AND NEW.feasibility = OLD.feasibility AND NEW.novelty = OLD.novelty AND NEW.durability = OLD.durability AND NEW.budget = OLD.budget AND NEW.made_at = OLD.made_at AND NEW.made_by_id = OLD.made_by_id AND NEW.published_at = OLD.published_at AND NEW.published_by_id = OLD.published_by_id AND coalesce(NEW.cap, 0) = coalesce(OLD.cap, 0)
  AND ((NEW.withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM fund_call_change c WHERE c.call_id = OLD.id AND c.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_call_change l WHERE l.call_id = OLD.id AND l.verdict = 'approved' AND l.id > c.id) AND c.closes_on = NEW.closes_on AND NEW.closes_on > OLD.closes_on)) OR (NEW.withdrawn_at IS NOT NULL AND EXISTS (SELECT 1 FROM fund_call_change c WHERE c.call_id = OLD.id AND c.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_call_change l WHERE l.call_id = OLD.id AND l.verdict = 'approved' AND l.id > c.id) AND c.closes_on IS NULL AND c.decided_at = NEW.withdrawn_at AND NEW.closes_on = OLD.closes_on))))
) IS NOT TRUE THEN RAISE EXCEPTION 'a published call does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_call_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.published_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a published call is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_contract_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'the contract is fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_contract_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = OLD.project_id AND p.stage = 'approved')) IS NOT TRUE THEN RAISE EXCEPTION 'the contract is fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_contract_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'approved')) IS NOT TRUE THEN RAISE EXCEPTION 'the contract is fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_delegation_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_delegation does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_delegation_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_delegation is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_delegation_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.ended_at IS NULL AND (OLD.accepted_at IS NULL OR NEW.accepted_at = OLD.accepted_at)) IS NOT TRUE THEN RAISE EXCEPTION 'fund_delegation is accepted and ended once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_draft_open()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'draft')) IS NOT TRUE THEN RAISE EXCEPTION 'only a draft is changed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_file_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_file does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_file_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_file is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_file_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_file_step_entry s WHERE s.file_id = NEW.file_id)
AND EXISTS (SELECT 1 FROM fund_file f WHERE f.id = NEW.file_id
  AND ((f.standing = 'kept' AND NEW.step IN ('opened', 'struck')) OR (f.standing = 'open' AND NEW.step IN ('closed', 'struck')))
  AND (NEW.step <> 'opened' OR f.kind = 'report' OR NOT f.has_text)
  AND (NEW.step <> 'struck' OR f.kind <> 'minute' OR f.request_id IS NULL
    OR NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.id = f.request_id AND r.needs_minute
      AND r.state NOT IN ('requested', 'returned', 'withdrawn'))
    OR EXISTS (SELECT 1 FROM fund_file o WHERE o.request_id = f.request_id AND o.id <> f.id
      AND o.kind = 'minute' AND o.standing <> 'struck')))
) IS NOT TRUE THEN RAISE EXCEPTION 'fund_file_step_entry out of order' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_file_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE fund_file SET standing = CASE NEW.step WHEN 'opened' THEN 'open' WHEN 'closed' THEN 'kept' ELSE 'struck' END WHERE id = NEW.file_id; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.fund_instalment_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.id = OLD.id AND NEW.project_id = OLD.project_id AND NEW.place = OLD.place
AND ((NEW.dropped_by_id IS NULL AND EXISTS (SELECT 1 FROM fund_amendment a WHERE a.project_id = NEW.project_id AND a.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_amendment b WHERE b.project_id = NEW.project_id AND b.verdict = 'approved' AND b.id > a.id) AND EXISTS (SELECT 1 FROM fund_amendment_part q WHERE q.amendment_id = a.id AND q.place = NEW.place AND q.fen = NEW.fen AND q.due_on = NEW.due_on AND q.after = NEW.after AND q.words = NEW.words))) OR (NEW.dropped_by_id IS NOT NULL AND NEW.fen = OLD.fen AND NEW.due_on = OLD.due_on AND NEW.after = OLD.after AND NEW.words = OLD.words AND EXISTS (SELECT 1 FROM fund_amendment a WHERE a.project_id = NEW.project_id AND a.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_amendment b WHERE b.project_id = NEW.project_id AND b.verdict = 'approved' AND b.id > a.id) AND a.id = NEW.dropped_by_id AND NOT EXISTS (SELECT 1 FROM fund_amendment_part q WHERE q.amendment_id = a.id AND q.place = NEW.place))))
) IS NOT TRUE THEN RAISE EXCEPTION 'the instalments are fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_instalment_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = OLD.project_id AND p.stage = 'approved')) IS NOT TRUE THEN RAISE EXCEPTION 'the instalments are fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_instalment_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'approved')) OR (EXISTS (SELECT 1 FROM fund_amendment a WHERE a.project_id = NEW.project_id AND a.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_amendment b WHERE b.project_id = NEW.project_id AND b.verdict = 'approved' AND b.id > a.id) AND EXISTS (SELECT 1 FROM fund_amendment_part q WHERE q.amendment_id = a.id AND q.place = NEW.place AND q.fen = NEW.fen AND q.due_on = NEW.due_on AND q.after = NEW.after AND q.words = NEW.words)))) IS NOT TRUE THEN RAISE EXCEPTION 'the instalments are fixed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_movement_books()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE fund_account SET balance = balance - NEW.fen WHERE id = NEW.from_account_id; UPDATE fund_account SET balance = balance + NEW.fen WHERE id = NEW.to_account_id; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.fund_movement_closed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM fund_account a JOIN fund_purpose u ON u.id = a.purpose_id WHERE u.closed_on IS NOT NULL AND a.id IN (NEW.from_account_id, NEW.to_account_id))) IS NOT TRUE THEN RAISE EXCEPTION 'this purpose is closed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_movement_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.reverses_id IS NOT NULL OR NEW.kind NOT IN ('grant', 'spending')
OR EXISTS (SELECT 1 FROM fund_request r JOIN fund_project p ON p.id = r.project_id WHERE r.id = NEW.request_id
  AND (r.kind = 'past_spending' OR p.stage IN ('running', 'midterm', 'final') OR (r.kind = 'payment' AND NEW.booked_on <= (
    SELECT CAST(s.at + interval '8 hours' AS date) FROM fund_stage_entry s WHERE s.project_id = p.id ORDER BY s.seq DESC LIMIT 1))))
) IS NOT TRUE THEN RAISE EXCEPTION 'no money while a project stands still' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_movement_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.line_no = 1
AND NEW.voucher_no = (SELECT coalesce(max(m.voucher_no), 0) + 1 FROM fund_movement_entry m)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id
  AND r.from_account_id = NEW.from_account_id AND r.to_account_id = NEW.to_account_id AND r.fen = NEW.fen
  AND ((r.kind = 'correction' AND r.state = 'approved' AND NEW.reverses_id IS NOT NULL)
    OR (r.kind <> 'correction' AND NEW.reverses_id IS NULL AND coalesce(r.budget_line_id, 0) = coalesce(NEW.budget_line_id, 0)
      AND ((r.kind = 'payment' AND r.state = 'paid' AND NEW.kind = 'spending')
        OR (r.kind = 'past_spending' AND r.state = 'approved' AND NEW.kind = 'spending')
        OR (r.kind IN ('opening', 'donation', 'grant', 'refund', 'return', 'transfer') AND r.state = 'approved' AND NEW.kind = r.kind)))))
AND EXISTS (SELECT 1 FROM fund_step_entry s
  WHERE s.request_id = NEW.request_id AND s.step IN ('approved', 'seconded') AND s.by_id = NEW.approved_by_id)
AND EXISTS (SELECT 1 FROM fund_step_entry s
  WHERE s.request_id = NEW.request_id AND s.step IN ('requested', 'paid') AND s.by_id = NEW.made_by_id)
AND ((NEW.reverses_id IS NOT NULL AND 
EXISTS (SELECT 1 FROM fund_movement_entry o JOIN fund_request c ON c.id = NEW.request_id
  WHERE o.id = NEW.reverses_id AND o.request_id = c.corrects_id AND o.reverses_id IS NULL AND o.kind = NEW.kind AND o.fen = NEW.fen
  AND o.from_account_id = NEW.to_account_id AND o.to_account_id = NEW.from_account_id
  AND coalesce(o.budget_line_id, 0) = coalesce(NEW.budget_line_id, 0)
  AND (o.kind <> 'spending' OR (SELECT coalesce(sum(n.fen), 0) FROM fund_movement_entry n JOIN fund_request q ON q.id = n.request_id WHERE q.kind = 'refund' AND q.refunds_id = o.request_id AND n.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = n.id)) = 0)
  AND (o.kind <> 'grant' OR o.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'grant' AND m.from_account_id = o.from_account_id AND m.to_account_id = o.to_account_id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'return' AND m.from_account_id = o.to_account_id AND m.to_account_id = o.from_account_id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id))))
  AND (o.kind <> 'donation' OR (SELECT t.project_id FROM fund_account t WHERE t.id = o.to_account_id) IS NULL
    OR o.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'donation' AND m.to_account_id = o.to_account_id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m JOIN fund_account g ON g.id = m.to_account_id WHERE m.from_account_id = o.to_account_id AND (m.kind = 'transfer' OR (m.kind = 'return' AND g.kind = 'outside')) AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)))))
) OR (NEW.reverses_id IS NULL AND 
EXISTS (SELECT 1 FROM fund_account a, fund_account b, fund_request r
  WHERE a.id = NEW.from_account_id AND b.id = NEW.to_account_id AND r.id = NEW.request_id
  AND coalesce(r.project_id, 0) = coalesce(a.project_id, b.project_id, 0) AND (
  (NEW.kind = 'opening' AND ((a.code = 'opening' AND b.kind IN ('general', 'restricted', 'project'))
      OR (a.code = 'other-in' AND b.kind = 'other')) AND (b.project_id IS NULL OR EXISTS (SELECT 1 FROM fund_stage_entry g WHERE g.project_id = b.project_id AND g.seq = 1 AND g.stage = 'archived'))
    AND NOT EXISTS (SELECT 1 FROM fund_movement_entry m WHERE m.kind = 'opening' AND m.to_account_id = b.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)))
  OR (NEW.kind = 'donation' AND ((a.code = 'donors' AND b.kind IN ('general', 'restricted', 'project'))
      OR (a.code = 'other-in' AND b.kind = 'other')))
  OR (NEW.kind = 'grant' AND b.kind = 'project' AND (a.kind = 'general' OR (a.kind = 'restricted'
      AND a.purpose_id = (SELECT p.purpose_id FROM fund_project p WHERE p.id = b.project_id))))
  OR (NEW.kind = 'spending' AND ((a.kind = 'project' AND b.code = 'payees') OR (a.kind = 'other' AND b.code = 'other-out'))
    AND EXISTS (SELECT 1 FROM fund_budget_line l WHERE l.id = NEW.budget_line_id AND l.project_id = a.project_id)
    AND (r.kind = 'payment' OR EXISTS (SELECT 1 FROM fund_stage_entry g WHERE g.project_id = a.project_id AND g.seq = 1 AND g.stage = 'archived')))
  OR (NEW.kind = 'refund' AND EXISTS (SELECT 1 FROM fund_movement_entry m WHERE m.request_id = r.refunds_id AND m.kind = 'spending'
    AND m.from_account_id = NEW.to_account_id AND m.to_account_id = NEW.from_account_id AND m.budget_line_id = NEW.budget_line_id
    AND NEW.fen + (SELECT coalesce(sum(n.fen), 0) FROM fund_movement_entry n JOIN fund_request q ON q.id = n.request_id WHERE q.kind = 'refund' AND q.refunds_id = r.refunds_id AND n.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = n.id)) <= m.fen
    AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)))
  OR (NEW.kind = 'return' AND ((a.kind = 'project' AND b.kind IN ('general', 'restricted') AND NEW.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'grant' AND m.from_account_id = b.id AND m.to_account_id = a.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'return' AND m.from_account_id = a.id AND m.to_account_id = b.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id))))
      OR (a.kind = 'other' AND b.code = 'other-in' AND NEW.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'donation' AND m.to_account_id = a.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m JOIN fund_account g ON g.id = m.to_account_id WHERE m.from_account_id = a.id AND (m.kind = 'transfer' OR (m.kind = 'return' AND g.kind = 'outside')) AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id))))))
  OR (NEW.kind = 'transfer' AND b.kind = 'restricted' AND (a.kind = 'general' OR (a.kind = 'project' AND NEW.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'donation' AND m.to_account_id = a.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m JOIN fund_account g ON g.id = m.to_account_id WHERE m.from_account_id = a.id AND (m.kind = 'transfer' OR (m.kind = 'return' AND g.kind = 'outside')) AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id))))))))
))
) IS NOT TRUE THEN RAISE EXCEPTION 'fund_movement_entry without its request' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_photo_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_photo does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_photo_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_photo is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_photo_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_photo_step_entry s WHERE s.photo_id = NEW.photo_id)
AND EXISTS (SELECT 1 FROM fund_photo p WHERE p.id = NEW.photo_id
  AND ((p.standing = 'inside' AND NEW.step IN ('unseen', 'agreed', 'removed'))
    OR (p.standing = 'open' AND NEW.step IN ('withdrawn', 'removed'))))
) IS NOT TRUE THEN RAISE EXCEPTION 'fund_photo_step_entry out of order' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_photo_pair_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_photo_pair does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_photo_pair_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_photo_pair is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_photo_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE fund_photo SET standing = CASE NEW.step WHEN 'withdrawn' THEN 'withdrawn' WHEN 'removed' THEN 'removed' ELSE 'open' END WHERE id = NEW.photo_id; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.fund_policy_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_policy does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_policy_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_policy is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_policy_proposal_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.decided_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'fund_policy_proposal is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_policy_proposal_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_policy_proposal is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_policy_proposal_sums()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'it does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_policy_proposal_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_policy_proposal does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_policy_proposed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_policy_proposal p WHERE p.id = NEW.proposal_id AND p.verdict = 'approved' AND p.valid_from = NEW.valid_from AND p.second_above = NEW.second_above AND p.minute_above = NEW.minute_above AND p.how_to_give = NEW.how_to_give AND p.sum_days = NEW.sum_days AND p.sum_lines = NEW.sum_lines)) IS NOT TRUE THEN RAISE EXCEPTION 'fund_policy is proposed and approved' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_project_activity_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_project_activity does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_project_activity_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_project_activity is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_project_activity_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.ended_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'fund_project_activity is decided' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_project_money()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.stage = 'draft' OR (NEW.source = OLD.source AND NEW.source_name = OLD.source_name AND coalesce(NEW.purpose_id, 0) = coalesce(OLD.purpose_id, 0))) IS NOT TRUE THEN RAISE EXCEPTION 'whose money it is stays' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_project_origin()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'where a project comes from does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_project_purpose_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.purpose_id IS NULL OR NOT EXISTS (SELECT 1 FROM fund_purpose u WHERE u.id = NEW.purpose_id AND u.closed_on IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this purpose is closed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_project_purpose_open()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.purpose_id IS NULL OR NOT EXISTS (SELECT 1 FROM fund_purpose u WHERE u.id = NEW.purpose_id AND u.closed_on IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this purpose is closed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_purpose_closed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
OLD.verdict = 'approved'
AND (NEW.closed_on IS NOT NULL) = (SELECT t.closes FROM fund_purpose_turn t WHERE t.purpose_id = OLD.id AND t.verdict = 'approved'
  ORDER BY t.decided_at DESC, t.id DESC LIMIT 1)
AND (NEW.closed_on IS NULL OR (
  NOT EXISTS (SELECT 1 FROM fund_account a WHERE a.purpose_id = OLD.id AND a.balance <> 0)
  AND NOT EXISTS (SELECT 1 FROM fund_request r JOIN fund_account a ON a.id IN (r.from_account_id, r.to_account_id)
    WHERE a.purpose_id = OLD.id AND r.state = 'requested')
  AND NOT EXISTS (SELECT 1 FROM fund_project p WHERE p.purpose_id = OLD.id
    AND p.stage NOT IN ('declined', 'closed', 'archived', 'voided'))))
) IS NOT TRUE THEN RAISE EXCEPTION 'closed by two people, when it is used up' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_purpose_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.decided_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'fund_purpose is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_purpose_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_purpose is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_purpose_turn_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.decided_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'fund_purpose_turn is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_purpose_turn_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_purpose_turn is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_purpose_turn_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_purpose u WHERE u.id = NEW.purpose_id AND u.verdict = 'approved' AND NEW.closes = (u.closed_on IS NULL))) IS NOT TRUE THEN RAISE EXCEPTION 'it is so already' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_purpose_turn_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_purpose_turn does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_purpose_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_purpose does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_report_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_report does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_report_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_report is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_report_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.published_at IS NULL AND OLD.returned_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'fund_report is decided' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_request_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_request does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_request_instalment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
(NEW.kind = 'grant') = (NEW.instalment_id IS NOT NULL)
AND (NEW.kind <> 'grant' OR EXISTS (SELECT 1 FROM fund_instalment i WHERE i.id = NEW.instalment_id AND i.project_id = NEW.project_id AND i.dropped_by_id IS NULL
  AND NEW.fen <= i.fen - coalesce((SELECT sum(g.fen) FROM fund_request g WHERE g.instalment_id = i.id AND g.kind = 'grant' AND (g.state IS NULL OR g.state IN ('requested', 'approved'))), 0)
  AND (i.after = 'start' OR EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = i.after))
  AND NOT EXISTS (SELECT 1 FROM fund_instalment b WHERE b.project_id = i.project_id AND b.place < i.place AND b.dropped_by_id IS NULL
    AND b.fen > coalesce((SELECT sum(g.fen) FROM fund_request g WHERE g.instalment_id = b.id AND g.kind = 'grant' AND (g.state IS NULL OR g.state IN ('requested', 'approved'))), 0))))
AND (NEW.kind NOT IN ('grant', 'payment', 'donation') OR NEW.project_id IS NULL OR EXISTS (
  SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN ('running', 'midterm', 'final')))
) IS NOT TRUE THEN RAISE EXCEPTION 'money comes in instalments, while a project runs' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_request_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_request is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.fund_request_paid_in()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (FALSE) IS NOT TRUE THEN RAISE EXCEPTION 'fund_request does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_request_together()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.kind <> 'payment' OR EXISTS (SELECT 1 FROM fund_policy p WHERE p.valid_from = (
  SELECT max(q.valid_from) FROM fund_policy q WHERE q.valid_from <= CAST(NEW.requested_at + interval '8 hours' AS date)) AND (NEW.needs_second OR ((NEW.fen + CASE WHEN p.sum_days > 0 THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' AND r.project_id = NEW.project_id AND r.counterparty = NEW.counterparty AND CAST(r.requested_at + interval '8 hours' AS date) <= CAST(NEW.requested_at + interval '8 hours' AS date) AND CAST(r.requested_at + interval '8 hours' AS date) > (CAST(NEW.requested_at + interval '8 hours' AS date) - p.sum_days) AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END) <= p.second_above AND (NEW.fen + CASE WHEN p.sum_lines THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' AND r.project_id = NEW.project_id AND r.budget_line_id = NEW.budget_line_id AND CAST(r.requested_at + interval '8 hours' AS date) <= CAST(NEW.requested_at + interval '8 hours' AS date) AND CAST(r.requested_at + interval '8 hours' AS date) > (CAST(NEW.requested_at + interval '8 hours' AS date) - p.sum_days) AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END) <= p.second_above)) AND (NEW.needs_minute OR ((NEW.fen + CASE WHEN p.sum_days > 0 THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' AND r.project_id = NEW.project_id AND r.counterparty = NEW.counterparty AND CAST(r.requested_at + interval '8 hours' AS date) <= CAST(NEW.requested_at + interval '8 hours' AS date) AND CAST(r.requested_at + interval '8 hours' AS date) > (CAST(NEW.requested_at + interval '8 hours' AS date) - p.sum_days) AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END) <= p.minute_above AND (NEW.fen + CASE WHEN p.sum_lines THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' AND r.project_id = NEW.project_id AND r.budget_line_id = NEW.budget_line_id AND CAST(r.requested_at + interval '8 hours' AS date) <= CAST(NEW.requested_at + interval '8 hours' AS date) AND CAST(r.requested_at + interval '8 hours' AS date) > (CAST(NEW.requested_at + interval '8 hours' AS date) - p.sum_days) AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END) <= p.minute_above)))
) IS NOT TRUE THEN RAISE EXCEPTION 'together they are above the limit' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_request_unnamed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.public_name = '') IS NOT TRUE THEN RAISE EXCEPTION 'a public name is only taken back' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_service_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.reverses_id IS NULL OR (
  EXISTS (SELECT 1 FROM fund_service_entry o WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL
    AND o.project_id = NEW.project_id AND o.people = -NEW.people AND o.served_on = NEW.served_on)
  AND EXISTS (SELECT 1 FROM fund_request r WHERE r.service_id = NEW.reverses_id AND r.kind = 'figure' AND r.state = 'approved'
    AND r.requested_by_id = NEW.made_by_id AND r.last_by_id = NEW.approved_by_id))
) IS NOT TRUE THEN RAISE EXCEPTION 'fund_service_entry reversed alone' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_stage_hands()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
(NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.by_id AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.at AND CAST(NEW.at + interval '8 hours' AS date) BETWEEN d.first_on AND d.last_on AND (d.ended_at IS NULL OR d.ended_at > NEW.at))) AND (NEW.seq = 1 OR NEW.stage IN ('applied', 'final')
OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (p.stage = 'applied' AND NEW.stage = 'draft' AND NEW.for_id IS NULL AND NEW.by_id = (SELECT s.by_id FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1))
  OR (NOT (p.created_by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(p.applicant_id, -1) IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = p.id AND d.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0))) OR EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' AND (s.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(s.for_id, 0) IN (NEW.by_id, coalesce(NEW.for_id, -1)))))
    AND (NEW.stage <> 'approved' OR NOT EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.seq = (SELECT max(t.seq) FROM fund_stage_entry t WHERE t.project_id = NEW.project_id AND t.stage = 'checked') AND (s.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(s.for_id, 0) IN (NEW.by_id, coalesce(NEW.for_id, -1)))))
    AND (NEW.stage <> 'running' OR p.stage <> 'approved' OR NOT EXISTS (
      SELECT 1 FROM fund_contract c WHERE c.project_id = p.id AND c.made_by_id IN (NEW.by_id, coalesce(NEW.for_id, 0))))
    AND (NEW.stage <> 'closed' OR NOT EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.seq = (SELECT max(t.seq) FROM fund_stage_entry t WHERE t.project_id = NEW.project_id AND t.stage = 'final') AND (s.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(s.for_id, 0) IN (NEW.by_id, coalesce(NEW.for_id, -1)))))))))
) IS NOT TRUE THEN RAISE EXCEPTION 'fund_stage_entry by the wrong person' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_stage_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id) AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
(NEW.seq = 1 AND NEW.stage = CASE WHEN p.past_batch_id IS NULL THEN 'draft' ELSE 'archived' END)
OR (NEW.seq > 1 AND (
  (p.stage = 'draft' AND NEW.stage = 'applied')
  OR (p.stage = 'applied' AND NEW.stage IN ('checked', 'draft', 'declined'))
  OR (p.stage = 'checked' AND NEW.stage IN ('draft', 'declined', CASE WHEN p.kind IN ('care', 'micro') THEN 'scored' ELSE 'approved' END))
  OR (p.stage = 'scored' AND NEW.stage IN ('publicised', 'declined'))
  OR (p.stage = 'publicised' AND NEW.stage IN ('approved', 'scored', 'declined'))
  OR (p.stage = 'approved' AND NEW.stage IN ('running', 'declined'))
  OR (p.stage = 'running' AND NEW.stage IN ('paused', 'stopped', CASE WHEN p.kind IN ('care', 'micro') THEN 'midterm' ELSE 'final' END))
  OR (p.stage = 'midterm' AND NEW.stage IN ('final', 'paused', 'stopped'))
  OR (p.stage IN ('paused', 'final') AND NEW.stage = (
    SELECT s.stage FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.seq = NEW.seq - 2))
  OR (p.stage = 'paused' AND NEW.stage = 'stopped')
  OR (p.stage = 'final' AND NEW.stage = 'closed')
  OR (p.stage IN ('stopped', 'closed') AND NEW.stage = 'archived')
  OR (p.stage = 'archived' AND NEW.stage = 'voided' AND p.past_batch_id IS NOT NULL)))
))) IS NOT TRUE THEN RAISE EXCEPTION 'fund_stage_entry out of order' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_stage_ready()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.seq = 1 OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id
  AND (NEW.stage <> 'applied' OR p.call_id IS NULL OR EXISTS (SELECT 1 FROM fund_call k WHERE k.id = p.call_id AND k.published_at IS NOT NULL AND k.withdrawn_at IS NULL AND k.kind = p.kind AND (NEW.at + interval '8 hours')::date BETWEEN k.opens_on AND k.closes_on AND (k.cap IS NULL OR (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = p.id) <= k.cap)))
  AND (p.stage <> 'checked' OR NEW.stage <> 'draft' OR NOT EXISTS (SELECT 1 FROM panel n WHERE n.project_id = p.id))
  AND (p.stage <> 'checked' OR NEW.stage <> 'scored' OR ((SELECT count(*) FROM panel_seat t WHERE t.project_id = p.id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id)) >= 3 AND NOT EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = p.id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e WHERE e.project_id = t.project_id AND e.person_id = t.person_id))))
  AND (p.stage <> 'publicised' OR NEW.stage <> 'scored' OR NOT EXISTS (SELECT 1 FROM publicity u WHERE u.subject_kind = 'project' AND u.subject_id = p.id AND u.withdrawn_at IS NULL))
  AND (NEW.stage <> 'publicised' OR EXISTS (SELECT 1 FROM publicity u WHERE u.subject_kind = 'project' AND u.subject_id = p.id AND u.withdrawn_at IS NULL))
  AND (p.stage <> 'publicised' OR NEW.stage <> 'approved' OR EXISTS (SELECT 1 FROM publicity u WHERE u.subject_kind = 'project' AND u.subject_id = p.id AND u.withdrawn_at IS NULL AND u.concluded_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.publicity_id = u.id AND o.verdict = 'upheld')))
  AND (p.stage <> 'approved' OR NEW.stage <> 'running' OR EXISTS (SELECT 1 FROM fund_contract c WHERE c.project_id = p.id AND c.fen = (SELECT sum(i.fen) FROM fund_instalment i WHERE i.project_id = p.id) AND c.fen <= (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = p.id)))
  AND (NEW.stage NOT IN ('closed', 'archived') OR NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.project_id = p.id AND (r.state = 'requested' OR (r.kind = 'payment' AND r.state NOT IN ('reconciled', 'returned', 'withdrawn', 'corrected')))))
  AND (NEW.stage NOT IN ('closed', 'archived', 'voided') OR NOT EXISTS (SELECT 1 FROM fund_account a WHERE a.project_id = p.id AND a.balance <> 0)))
) IS NOT TRUE THEN RAISE EXCEPTION 'fund_stage_entry before its time' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_stage_reasons()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.note <> '' OR NEW.seq = 1 OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (p.stage = 'applied' AND NEW.stage = 'draft' AND NEW.by_id = (SELECT s.by_id FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1))
  OR (NEW.stage NOT IN ('draft', 'declined', 'midterm', 'final', 'paused', 'stopped', 'closed', 'voided')
    AND NOT (p.stage = 'publicised' AND NEW.stage = 'scored') AND p.stage NOT IN ('paused', 'final'))))
) IS NOT TRUE THEN RAISE EXCEPTION 'fund_stage_entry without a reason' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_stage_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE fund_project SET stage = NEW.stage WHERE id = NEW.project_id; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.fund_step_minute()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.step NOT IN ('approved', 'seconded', 'paid')
OR NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id AND r.needs_minute)
OR EXISTS (SELECT 1 FROM fund_file f WHERE f.request_id = NEW.request_id AND f.kind = 'minute' AND f.standing <> 'struck')
) IS NOT TRUE THEN RAISE EXCEPTION 'a minute has to be attached' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_step_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id AND (
  (r.state IS NULL AND NEW.step = 'requested' AND NEW.by_id = r.requested_by_id)
  OR (r.state = 'requested' AND NEW.step IN ('approved', 'returned'))
  OR (r.state = 'requested' AND NEW.step = 'withdrawn' AND NEW.by_id = r.requested_by_id)
  OR (r.kind = 'payment' AND r.state = 'approved' AND r.needs_second AND NEW.step IN ('seconded', 'returned'))
  OR (r.kind = 'payment' AND ((r.state = 'approved' AND NOT r.needs_second) OR r.state = 'seconded') AND NEW.step IN ('paid', 'returned'))
  OR (r.kind = 'payment' AND r.state IN ('paid', 'answered') AND NEW.step IN ('reconciled', 'mismatch'))
  OR (r.kind = 'payment' AND r.state = 'mismatch' AND NEW.step = 'answered')
  OR (r.kind = 'payment' AND r.state IN ('paid', 'mismatch', 'answered', 'reconciled') AND NEW.step = 'corrected')
  OR (r.kind IN ('opening', 'donation', 'grant', 'refund', 'return', 'transfer', 'past_spending') AND r.state = 'approved' AND NEW.step = 'corrected'))
  AND (NEW.step NOT IN ('approved', 'seconded') OR r.requested_by_id <> NEW.by_id)
  AND (NEW.step <> 'returned' OR r.state = 'seconded' OR (r.state = 'approved' AND NOT r.needs_second)
    OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'requested' AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id)))))
AND (NEW.step IN ('withdrawn', 'corrected') OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.seq = NEW.seq - 1 AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))))
AND (NEW.step NOT IN ('approved', 'seconded') OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'requested' AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))))
AND (NEW.step <> 'seconded' OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'approved' AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))))
AND (NEW.step NOT IN ('reconciled', 'mismatch') OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'paid' AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))))
AND (NEW.step <> 'corrected' OR EXISTS (
  SELECT 1 FROM fund_request c WHERE c.corrects_id = NEW.request_id AND c.kind = 'correction' AND c.state = 'approved'))
AND (NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.by_id
  AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.at AND CAST(NEW.at + interval '8 hours' AS date) BETWEEN d.first_on AND d.last_on
  AND (d.ended_at IS NULL OR d.ended_at > NEW.at)))
) IS NOT TRUE THEN RAISE EXCEPTION 'fund_step_entry out of order' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.fund_step_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE fund_request SET state = NEW.step, steps = NEW.seq, last_by_id = NEW.by_id WHERE id = NEW.request_id; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.guardian_consent_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.honour_kind_reach_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT (NEW.reach = 'public' AND (coalesce(NEW.scheme_kind, '') = 'member' OR NEW.name LIKE '%党%'))) IS NOT TRUE THEN RAISE EXCEPTION 'an honour of the party is never public' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.honour_kind_reach_on_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT (NEW.reach = 'public' AND (coalesce(NEW.scheme_kind, '') = 'member' OR NEW.name LIKE '%党%')) AND NOT (NEW.reach = 'public' AND OLD.reach = 'branch' AND EXISTS (SELECT 1 FROM honour WHERE honour.kind_id = NEW.id AND honour.granted_on IS NOT NULL))) IS NOT TRUE THEN RAISE EXCEPTION 'an honour of the party is never public' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.honour_revocation_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.decided_at IS NULL OR (EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')))) IS NOT TRUE THEN RAISE EXCEPTION 'a revocation is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.hour_correction_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.decided_at IS NULL OR (EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')))) IS NOT TRUE THEN RAISE EXCEPTION 'a correction is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.hour_entry_of_who_went()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.reverses_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.became_id IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this record was merged' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.member_card_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.membership_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.membership_open_unit()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE ended date;
BEGIN
SELECT closed_on INTO ended FROM unit WHERE id = NEW.unit_id FOR KEY SHARE;
IF ended IS NOT NULL THEN RAISE EXCEPTION 'unit is closed' USING ERRCODE = 'integrity_constraint_violation'; END IF;
RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.merge_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'a merge does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.merge_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'a merge is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.merge_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.merged_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a merge is done once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.merge_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.stays_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.merge_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.verdict IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a merge is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.merge_undo()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.undo_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a merge is undone once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.merge_undone()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.undone_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a merge is undone once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.merge_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (((EXISTS (SELECT 1 FROM person WHERE person.id = OLD.stays_id AND person.erased_at IS NOT NULL) OR EXISTS (SELECT 1 FROM person WHERE person.id = OLD.goes_id AND person.erased_at IS NOT NULL)) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')) AND (NEW.undo_reason = OLD.undo_reason OR NEW.undo_reason IN ('', '已按本人要求删除'))) OR (NEW.reason = OLD.reason AND (OLD.verdict IS NULL OR NEW.answer = OLD.answer) AND (OLD.undo_at IS NULL OR NEW.undo_reason = OLD.undo_reason))) IS NOT TRUE THEN RAISE EXCEPTION 'what was said about a merge stays' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.objection_due()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.acknowledge_by IS NOT NULL AND NEW.answer_by >= NEW.acknowledge_by) IS NOT TRUE THEN RAISE EXCEPTION 'an objection says by when it is answered' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.objection_on_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'an objection stays' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.objection_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NOT EXISTS (SELECT 1 FROM publicity WHERE publicity.id = NEW.publicity_id AND withdrawn_at IS NULL AND concluded_on IS NULL AND NEW.received_on BETWEEN starts_on AND ends_on) THEN RAISE EXCEPTION 'objections are made while it is shown' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.objection_on_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.answered_at IS NOT NULL OR NEW.id IS DISTINCT FROM OLD.id OR NEW.publicity_id IS DISTINCT FROM OLD.publicity_id OR NEW.unit_id IS DISTINCT FROM OLD.unit_id OR NEW.about_id IS DISTINCT FROM OLD.about_id OR NEW.way IS DISTINCT FROM OLD.way OR NEW.by_id IS DISTINCT FROM OLD.by_id OR NEW.by_name IS DISTINCT FROM OLD.by_name OR NEW.by_phone IS DISTINCT FROM OLD.by_phone OR NEW.said IS DISTINCT FROM OLD.said OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.received_at IS DISTINCT FROM OLD.received_at OR NEW.keyed_by_id IS DISTINCT FROM OLD.keyed_by_id OR NEW.acknowledge_by IS DISTINCT FROM OLD.acknowledge_by OR NEW.answer_by IS DISTINCT FROM OLD.answer_by OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at <> OLD.acknowledged_at) OR (NEW.about_id IS NULL AND NEW.answered_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM publicity_line WHERE publicity_line.publicity_id = NEW.publicity_id AND publicity_line.person_id = NEW.answered_by_id)) OR (NEW.answered_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM publicity_maker WHERE publicity_maker.publicity_id = NEW.publicity_id AND publicity_maker.person_id = NEW.answered_by_id)) THEN RAISE EXCEPTION 'an objection is answered once, by somebody whom it does not concern' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.objection_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((OLD.answered_at IS NULL AND NEW.by_name = OLD.by_name AND NEW.by_phone = OLD.by_phone AND NEW.said = OLD.said) OR ((EXISTS (SELECT 1 FROM person WHERE person.id = OLD.about_id AND person.erased_at IS NOT NULL) OR EXISTS (SELECT 1 FROM person WHERE person.id = OLD.by_id AND person.erased_at IS NOT NULL)) AND (NEW.by_name = OLD.by_name OR NEW.by_name IN ('', '已按本人要求删除')) AND (NEW.by_phone = OLD.by_phone OR NEW.by_phone IN ('', '已按本人要求删除')) AND (NEW.said = OLD.said OR NEW.said IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')))) IS NOT TRUE THEN RAISE EXCEPTION 'an objection stays' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.opening_word_entry_two_people()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.said_by_id IN (SELECT recorded_by_id FROM opening_figure_entry WHERE id = NEW.opening_id) THEN RAISE EXCEPTION 'opening_word_entry takes two people' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.pack_withdrawal_second_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM confirmed_pack p WHERE p.id = NEW.pack_id AND (p.confirmed_by_id = NEW.withdrawn_by_id OR p.person_id = NEW.withdrawn_by_id)) THEN RAISE EXCEPTION 'a second person withdraws' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.panel_aside_open()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro')) AND NOT ((SELECT count(*) FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id)) >= 3 AND NOT EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e WHERE e.project_id = t.project_id AND e.person_id = t.person_id)))) IS NOT TRUE THEN RAISE EXCEPTION 'nobody steps aside after the scores are open' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.panel_named()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro'))) IS NOT TRUE THEN RAISE EXCEPTION 'a panel is named after the first check' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.panel_score_open()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro')) AND NOT ((SELECT count(*) FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id)) >= 3 AND NOT EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e WHERE e.project_id = t.project_id AND e.person_id = t.person_id))) AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = NEW.project_id AND a.person_id = NEW.person_id)) IS NOT TRUE THEN RAISE EXCEPTION 'scores are given once, by who sits' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.panel_seat_free()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro') AND NEW.person_id <> p.created_by_id AND (p.applicant_id IS NULL OR NEW.person_id <> p.applicant_id) AND NEW.person_id <> coalesce((SELECT s.by_id FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1), 0)) AND NOT ((SELECT count(*) FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id)) >= 3 AND NOT EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e WHERE e.project_id = t.project_id AND e.person_id = t.person_id)))) IS NOT TRUE THEN RAISE EXCEPTION 'no seat for who sent it, none after the scores are open' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.panel_seat_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NOT EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = NEW.project_id AND d.by_id = NEW.person_id)
AND NOT EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' AND s.by_id = NEW.person_id)
) IS NOT TRUE THEN RAISE EXCEPTION 'no seat for who wrote or sent it' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.person_difference_ended()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.ended_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'it ends once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.person_difference_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'what was said stays' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.person_difference_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'what was said stays' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.person_difference_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.reason = OLD.reason OR ((EXISTS (SELECT 1 FROM person WHERE person.id = OLD.low_id AND person.erased_at IS NOT NULL) OR EXISTS (SELECT 1 FROM person WHERE person.id = OLD.high_id AND person.erased_at IS NOT NULL)) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')))) IS NOT TRUE THEN RAISE EXCEPTION 'what was said stays' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.person_erased_bare()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.erased_at IS NULL OR (NEW.gender IS NULL AND NEW.birth_date IS NULL AND NEW.minor_until IS NULL AND NEW.note = '' AND NEW.initials = '')) IS NOT TRUE THEN RAISE EXCEPTION 'nothing of who is erased stays' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.person_erased_stays()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.erased_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'who is erased stays so' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.person_key_stays_destroyed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.destroyed_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a destroyed key comes back no more' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.phone_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.place_parent_holds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
PERFORM pg_advisory_xact_lock(7013, 2);
IF EXISTS (
WITH RECURSIVE up (node, since, until) AS (
  SELECT NEW.parent_id, NEW.valid_from, coalesce(NEW.valid_to, date '9999-12-31')
  UNION
  SELECT p.parent_id, greatest(up.since, p.valid_from), least(up.until, coalesce(p.valid_to, date '9999-12-31'))
  FROM up JOIN place_parent p ON p.place_id = up.node
  WHERE p.valid_from < up.until AND coalesce(p.valid_to, date '9999-12-31') > up.since AND up.since < up.until
)
SELECT 1 FROM up WHERE node = NEW.place_id AND since < until
) THEN RAISE EXCEPTION 'place has itself above it' USING ERRCODE = 'integrity_constraint_violation'; END IF;
IF EXISTS (
SELECT 1 FROM place_parent p WHERE p.place_id = NEW.place_id AND p.id <> NEW.id
AND p.valid_from < coalesce(NEW.valid_to, date '9999-12-31') AND coalesce(p.valid_to, date '9999-12-31') > NEW.valid_from
AND p.valid_from < coalesce(p.valid_to, date '9999-12-31') AND NEW.valid_from < coalesce(NEW.valid_to, date '9999-12-31')
) THEN RAISE EXCEPTION 'place already has a parent on these days' USING ERRCODE = 'integrity_constraint_violation'; END IF;
IF EXISTS (SELECT 1 FROM place WHERE id IN (NEW.place_id, NEW.parent_id) AND closed_on IS NOT NULL AND NEW.valid_to IS NULL) THEN RAISE EXCEPTION 'place is closed, or its parent is' USING ERRCODE = 'integrity_constraint_violation'; END IF;
RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.point_proposal_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((OLD.decided_at IS NULL AND NEW.reason = OLD.reason) OR (EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')))) IS NOT TRUE THEN RAISE EXCEPTION 'what was decided about points never changes' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.publicity_line_on_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'what was shown stays' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.publicity_line_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (SELECT count(*) FROM publicity_line WHERE publicity_id = NEW.publicity_id) >= (SELECT people FROM publicity WHERE publicity.id = NEW.publicity_id) THEN RAISE EXCEPTION 'a publicity has its lines from the beginning' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.publicity_line_on_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'what was shown stays' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.publicity_on_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'what was shown stays' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.publicity_on_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.withdrawn_at IS NOT NULL OR OLD.concluded_on IS NOT NULL OR NEW.id IS DISTINCT FROM OLD.id OR NEW.subject_kind IS DISTINCT FROM OLD.subject_kind OR NEW.subject_id IS DISTINCT FROM OLD.subject_id OR NEW.unit_id IS DISTINCT FROM OLD.unit_id OR NEW.reach IS DISTINCT FROM OLD.reach OR NEW.title IS DISTINCT FROM OLD.title OR NEW.words IS DISTINCT FROM OLD.words OR NEW.phone IS DISTINCT FROM OLD.phone OR NEW.place IS DISTINCT FROM OLD.place OR NEW.people IS DISTINCT FROM OLD.people OR NEW.starts_on IS DISTINCT FROM OLD.starts_on OR NEW.ends_on IS DISTINCT FROM OLD.ends_on OR NEW.published_at IS DISTINCT FROM OLD.published_at OR NEW.published_by_id IS DISTINCT FROM OLD.published_by_id OR (NEW.concluded_on IS NOT NULL AND EXISTS (SELECT 1 FROM objection WHERE objection.publicity_id = NEW.id AND answered_at IS NULL)) THEN RAISE EXCEPTION 'a publicity is concluded once, with no objection open, or withdrawn' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_correction()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a correction stays on record' USING ERRCODE = 'restrict_violation'; END IF; IF OLD.decided_at IS NOT NULL THEN RAISE EXCEPTION 'a correction is decided once' USING ERRCODE = 'restrict_violation'; END IF; IF NEW.decided_by_id IS NOT NULL AND NEW.verdict = 'approved' AND EXISTS (SELECT 1 FROM hour_correction_aside WHERE hour_correction_aside.correction_id = NEW.id AND hour_correction_aside.person_id = NEW.decided_by_id) THEN RAISE EXCEPTION 'who made the record does not approve its correction' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_decider_as_owner()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM attendance_decision WHERE attendance_id = NEW.id AND made_by_id = NEW.person_id) THEN RAISE EXCEPTION 'nobody decides about themselves' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_honour_1()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS DISTINCT FROM OLD.ended_at OR NEW.granted_on IS DISTINCT FROM OLD.granted_on)) OR NEW.person_id <> OLD.person_id OR NEW.kind_id <> OLD.kind_id OR NEW.made_by_id <> OLD.made_by_id OR (OLD.verdict IS NOT NULL AND (NEW.verdict IS DISTINCT FROM OLD.verdict OR NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id)) THEN RAISE EXCEPTION 'an honour is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_honour_2()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.revoked_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM honour_revocation WHERE honour_revocation.honour_id = NEW.id AND honour_revocation.verdict = 'approved') THEN RAISE EXCEPTION 'an honour is taken back by two people' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_honour_3()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.decided_at IS NOT NULL THEN RAISE EXCEPTION 'a revocation is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_one_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.made_by_id IN (SELECT scan.by_id FROM attendance JOIN shift ON shift.id = attendance.shift_id JOIN activity ON activity.id = shift.activity_id JOIN scan ON scan.id IN (attendance.in_scan_id, attendance.out_scan_id) WHERE attendance.id = NEW.attendance_id AND activity.closed_at IS NOT NULL AND scan.by_id IS NOT NULL) THEN RAISE EXCEPTION 'a change after closing takes two people' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_other_sums()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM shift_position WHERE shift_id = NEW.id) AND (NEW.capacity IS DISTINCT FROM (SELECT sum(capacity) FROM shift_position WHERE shift_id = NEW.id) OR NEW.taken IS DISTINCT FROM (SELECT sum(taken) FROM shift_position WHERE shift_id = NEW.id)) THEN RAISE EXCEPTION 'a shift with positions has their sums' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_own_claim()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM claim WHERE claim.batch_id = NEW.id AND claim.person_id = NEW.decided_by_id) THEN RAISE EXCEPTION 'nobody decides about a list with their own name' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_own_decision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.made_by_id = (SELECT person_id FROM attendance WHERE id = NEW.attendance_id) THEN RAISE EXCEPTION 'nobody decides about themselves' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_own_witness()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM claim WHERE claim.batch_id = NEW.batch_id AND claim.person_id = NEW.person_id) THEN RAISE EXCEPTION 'nobody is their own witness' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_point_band()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF (SELECT count(*) FROM point_band WHERE scheme_id = NEW.scheme_id) >= (SELECT bands FROM point_scheme WHERE id = NEW.scheme_id) THEN
    RAISE EXCEPTION 'point_band of a published scheme never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_point_proposal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'UPDATE' AND NOT (OLD.decided_at IS NOT NULL OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.unit_id IS DISTINCT FROM OLD.unit_id OR NEW.scheme_kind IS DISTINCT FROM OLD.scheme_kind OR NEW.rule_code IS DISTINCT FROM OLD.rule_code OR NEW.exempts IS DISTINCT FROM OLD.exempts OR NEW.revokes_id IS DISTINCT FROM OLD.revokes_id OR NEW.happened_on IS DISTINCT FROM OLD.happened_on OR NEW.until IS DISTINCT FROM OLD.until OR NEW.reason IS DISTINCT FROM OLD.reason OR NEW.made_by_id IS DISTINCT FROM OLD.made_by_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was decided about points never changes' USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_point_rule()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF (SELECT count(*) FROM point_rule WHERE scheme_id = NEW.scheme_id) >= (SELECT rules FROM point_scheme WHERE id = NEW.scheme_id) THEN
    RAISE EXCEPTION 'point_rule of a published scheme never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_position()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.taken <> 0 OR EXISTS (SELECT 1 FROM signup WHERE shift_id = NEW.shift_id AND position_id IS NULL AND seated_at IS NOT NULL AND withdrawn_at IS NULL) THEN RAISE EXCEPTION 'positions begin empty, and not where seats were given without any' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_position_moving()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.shift_id <> OLD.shift_id THEN RAISE EXCEPTION 'a position stays with its shift' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_role_grant()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM 1 FROM unit WHERE id = NEW.unit_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM role_grant begins
    WHERE NEW.role = 'deputy' AND begins.role = 'deputy' AND begins.unit_id = NEW.unit_id
      AND begins.valid_from < NEW.valid_to AND begins.valid_to > NEW.valid_from
      AND 2 < (SELECT count(*) FROM role_grant held WHERE held.role = 'deputy' AND held.unit_id = NEW.unit_id
        AND held.valid_from <= GREATEST(begins.valid_from, NEW.valid_from) AND held.valid_to > GREATEST(begins.valid_from, NEW.valid_from))) THEN
    RAISE EXCEPTION 'two deputies at a time' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM role_grant other
    WHERE other.id <> NEW.id AND other.person_id = NEW.person_id AND other.role = NEW.role AND other.unit_id = NEW.unit_id
      AND (NEW.valid_to IS NULL OR other.valid_from < NEW.valid_to) AND (other.valid_to IS NULL OR other.valid_to > NEW.valid_from)
      AND (NEW.valid_to IS NULL OR NEW.valid_to > NEW.valid_from) AND (other.valid_to IS NULL OR other.valid_to > other.valid_from)) THEN
    RAISE EXCEPTION 'this role is held already' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_seat_nowhere()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.seated_at IS NOT NULL AND NEW.withdrawn_at IS NULL AND NEW.position_id IS NULL AND EXISTS (SELECT 1 FROM shift_position WHERE shift_id = NEW.shift_id) THEN RAISE EXCEPTION 'a seat of a shift with positions is at one of them' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_second_decision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM attendance_decision WHERE attendance_id = NEW.id) THEN RAISE EXCEPTION 'a decision is final' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_second_verdict()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.decided_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL THEN RAISE EXCEPTION 'a decision is final' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unproven_claim()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM claim_witness w WHERE w.batch_id = NEW.id AND w.person_id = NEW.decided_by_id) THEN RAISE EXCEPTION 'a witness does not decide' USING ERRCODE = 'check_violation'; END IF; IF NEW.decided_by_id IS NOT NULL AND OLD.decided_by_id IS NULL AND NEW.kind = 'own' AND NEW.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM claim_photo p WHERE p.batch_id = NEW.id AND p.removed_at IS NULL) AND NOT EXISTS (SELECT 1 FROM claim_witness w WHERE w.batch_id = NEW.id AND w.says = 'yes') THEN RAISE EXCEPTION 'nothing proves it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.report_sending_entry_two_people()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF NEW.sent_by_id IN (SELECT made_by_id FROM report_entry WHERE id = NEW.report_id) THEN RAISE EXCEPTION 'report_sending_entry takes two people' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.requirement_added()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = NEW.set_id AND s.published_at IS NOT NULL) THEN RAISE EXCEPTION 'a published requirement set never changes' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.requirement_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = OLD.set_id AND s.published_at IS NOT NULL) OR EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = NEW.set_id AND s.published_at IS NOT NULL) THEN RAISE EXCEPTION 'a published requirement set never changes' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.requirement_choice_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.decided_at IS NOT NULL THEN RAISE EXCEPTION 'a decided choice never changes' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.requirement_choice_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.decided_at IS NOT NULL THEN RAISE EXCEPTION 'a decided choice never changes' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.requirement_removed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = OLD.set_id AND s.published_at IS NOT NULL) THEN RAISE EXCEPTION 'a published requirement set never changes' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.requirement_set_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION 'a published requirement set never changes' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.requirement_set_published()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION 'a published requirement set never changes' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.rights_request_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'what was asked for does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.rights_request_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'a request is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.rights_request_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.verdict IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a request is decided once' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.rights_request_said()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.verdict IS NULL OR EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'what was asked for does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.role_grant_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.seal_entry_follows_the_last()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (COALESCE((SELECT last_one.digest FROM seal_entry last_one ORDER BY last_one.day DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000') = NEW.previous AND NOT EXISTS (SELECT 1 FROM seal_entry other WHERE other.day >= NEW.day)) IS NOT TRUE THEN RAISE EXCEPTION 'a seal follows the last one' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.seal_part_entry_of_an_open_day()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM seal_entry sealed WHERE sealed.day >= NEW.day)) IS NOT TRUE THEN RAISE EXCEPTION 'that day is sealed' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.settle_claims()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE claim SET open_shift_id = NULL WHERE batch_id = NEW.id AND open_shift_id IS NOT NULL; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.signup_of_who_went()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.became_id IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this record was merged' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.spot_check_announced()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.drawn_at IS NULL
AND NEW.last_voucher = (SELECT max(m.voucher_no) FROM fund_movement_entry m)
AND NEW.population = (SELECT count(*) FROM fund_movement_entry m
  WHERE m.line_no = 1 AND m.voucher_no <= NEW.last_voucher AND m.booked_on BETWEEN NEW.first_on AND NEW.last_on)
) IS NOT TRUE THEN RAISE EXCEPTION 'a spot check is of the books as they stand' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.spot_check_drawn()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
OLD.drawn_at IS NULL AND NEW.drawn_at IS NOT NULL AND NEW.drawn_at >= OLD.announced_at
AND OLD.size = (SELECT count(*) FROM spot_check_pick_entry p WHERE p.check_id = OLD.id)
) IS NOT TRUE THEN RAISE EXCEPTION 'a spot check is drawn once, in full' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.spot_check_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'spot_check does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.spot_check_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'spot_check is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.spot_check_picked()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
EXISTS (SELECT 1 FROM spot_check c JOIN fund_movement_entry m ON m.id = NEW.movement_id
  WHERE c.id = NEW.check_id AND c.drawn_at IS NULL AND NEW.place <= c.size
  AND m.line_no = 1 AND m.voucher_no <= c.last_voucher AND m.booked_on BETWEEN c.first_on AND c.last_on)
) IS NOT TRUE THEN RAISE EXCEPTION 'not an entry of what was announced' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.spot_check_said()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.seq = (SELECT coalesce(max(n.seq), 0) + 1 FROM spot_check_note_entry n WHERE n.pick_id = NEW.pick_id)
AND EXISTS (SELECT 1 FROM spot_check_pick_entry p JOIN spot_check c ON c.id = p.check_id
  WHERE p.id = NEW.pick_id AND c.drawn_at IS NOT NULL)
AND (NEW.step = 'answered' OR NOT EXISTS (SELECT 1 FROM spot_check_pick_entry p
  JOIN fund_movement_entry m ON m.id = p.movement_id JOIN fund_step_entry s ON s.request_id = m.request_id
  WHERE p.id = NEW.pick_id AND (s.by_id = NEW.by_id OR s.for_id = NEW.by_id)))
AND (NEW.step = 'found' OR EXISTS (SELECT 1 FROM spot_check_note_entry n
  WHERE n.pick_id = NEW.pick_id AND n.seq = NEW.seq - 1 AND n.finding IN ('question', 'fault') AND n.by_id <> NEW.by_id))
AND (NEW.step = 'answered' OR NOT EXISTS (SELECT 1 FROM spot_check_note_entry n
  WHERE n.pick_id = NEW.pick_id AND n.seq = NEW.seq - 1 AND n.step = 'answered' AND n.by_id = NEW.by_id))
) IS NOT TRUE THEN RAISE EXCEPTION 'spot_check_note_entry out of turn' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.stage_of_who_is_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE THEN RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.sum_positions()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF TG_OP = 'DELETE' THEN PERFORM 1 FROM shift WHERE id = OLD.shift_id FOR NO KEY UPDATE; UPDATE shift SET capacity = (SELECT sum(p.capacity) FROM shift_position p WHERE p.shift_id = shift.id), taken = (SELECT sum(p.taken) FROM shift_position p WHERE p.shift_id = shift.id) WHERE id = OLD.shift_id AND EXISTS (SELECT 1 FROM shift_position p WHERE p.shift_id = shift.id); ELSE PERFORM 1 FROM shift WHERE id = NEW.shift_id FOR NO KEY UPDATE; UPDATE shift SET capacity = (SELECT sum(p.capacity) FROM shift_position p WHERE p.shift_id = shift.id), taken = (SELECT sum(p.taken) FROM shift_position p WHERE p.shift_id = shift.id) WHERE id = NEW.shift_id AND EXISTS (SELECT 1 FROM shift_position p WHERE p.shift_id = shift.id); END IF; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.unit_parent_holds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
PERFORM pg_advisory_xact_lock(7013, 1);
IF EXISTS (
WITH RECURSIVE up (node, since, until) AS (
  SELECT NEW.parent_id, NEW.valid_from, coalesce(NEW.valid_to, date '9999-12-31')
  UNION
  SELECT p.parent_id, greatest(up.since, p.valid_from), least(up.until, coalesce(p.valid_to, date '9999-12-31'))
  FROM up JOIN unit_parent p ON p.unit_id = up.node
  WHERE p.valid_from < up.until AND coalesce(p.valid_to, date '9999-12-31') > up.since AND up.since < up.until
)
SELECT 1 FROM up WHERE node = NEW.unit_id AND since < until
) THEN RAISE EXCEPTION 'unit has itself above it' USING ERRCODE = 'integrity_constraint_violation'; END IF;
IF EXISTS (
SELECT 1 FROM unit_parent p WHERE p.unit_id = NEW.unit_id AND p.id <> NEW.id
AND p.valid_from < coalesce(NEW.valid_to, date '9999-12-31') AND coalesce(p.valid_to, date '9999-12-31') > NEW.valid_from
AND p.valid_from < coalesce(p.valid_to, date '9999-12-31') AND NEW.valid_from < coalesce(NEW.valid_to, date '9999-12-31')
) THEN RAISE EXCEPTION 'unit already has a parent on these days' USING ERRCODE = 'integrity_constraint_violation'; END IF;
IF EXISTS (SELECT 1 FROM unit WHERE id IN (NEW.unit_id, NEW.parent_id) AND closed_on IS NOT NULL AND NEW.valid_to IS NULL) THEN RAISE EXCEPTION 'unit is closed, or its parent is' USING ERRCODE = 'integrity_constraint_violation'; END IF;
RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.wish_begins()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.state IS NULL AND NEW.steps = 0) IS NOT TRUE THEN RAISE EXCEPTION 'a wish begins with its first step' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_claim_begins()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.connected_on IS NULL AND NEW.ended_on IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a claim begins at its beginning' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_claim_days()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
(NEW.connected_on IS NULL OR EXISTS (SELECT 1 FROM wish_step_entry s
  WHERE s.claim_id = NEW.id AND s.step = 'connected' AND s.happened_on = NEW.connected_on))
AND (OLD.connected_on IS NULL OR NEW.connected_on = OLD.connected_on)
AND (NEW.ended_on IS NULL OR EXISTS (SELECT 1 FROM wish_step_entry s
  WHERE s.claim_id = NEW.id AND s.step IN ('lapsed', 'released', 'withdrawn') AND s.happened_on = NEW.ended_on))
AND (OLD.ended_on IS NULL OR NEW.ended_on = OLD.ended_on)
) IS NOT TRUE THEN RAISE EXCEPTION 'the days of a claim follow from its steps' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_claim_erased()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (NEW.erased_at IS NOT NULL) IS NOT TRUE THEN RAISE EXCEPTION 'a contact is only erased' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_claim_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'wish_claim does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_claim_forgotten()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE wish_claim SET name = '', phone = '', erased_at = (SELECT s.at FROM wish_step_entry s WHERE s.claim_id = NEW.id AND s.step IN ('lapsed', 'released', 'withdrawn')) WHERE id = NEW.id; RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.wish_claim_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'wish_claim is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.wish_consent_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND NEW.wish_id = OLD.wish_id AND NEW.agreed_at = OLD.agreed_at
AND NEW.asked_by_id = OLD.asked_by_id
) IS NOT TRUE THEN RAISE EXCEPTION 'consent is only withdrawn' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_consent_given()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.withdrawn_at IS NULL
AND EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND w.state = 'thanked' AND coalesce(w.own_id, 0) <> NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_claim c WHERE c.wish_id = NEW.wish_id AND c.ended_on IS NULL AND c.by_id = NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_photo p WHERE p.wish_id = NEW.wish_id AND p.removed_at IS NULL AND p.agreed_at IS NOT NULL
  AND p.added_by_id = NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.wish_id = NEW.wish_id AND s.step = 'fulfilled' AND s.by_id = NEW.asked_by_id
  AND s.seq = (SELECT max(t.seq) FROM wish_step_entry t WHERE t.wish_id = NEW.wish_id AND t.step = 'fulfilled'))
) IS NOT TRUE THEN RAISE EXCEPTION 'consent is asked for by another' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_consent_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'consent is withdrawn, not deleted' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.wish_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'wish does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_follows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.wish_id = NEW.id AND s.seq = NEW.steps AND s.step = NEW.state AND s.at = NEW.state_at
  AND s.happened_on = NEW.state_on AND coalesce(s.by_id, 0) = coalesce(NEW.last_by_id, 0))
AND NEW.steps = (SELECT max(s.seq) FROM wish_step_entry s WHERE s.wish_id = NEW.id)
AND coalesce(NEW.published_on, '9999-12-31') = coalesce(
  (SELECT min(s.happened_on) FROM wish_step_entry s WHERE s.wish_id = NEW.id AND s.step = 'published'), '9999-12-31')
AND (NEW.ended_on IS NULL) = (NEW.state NOT IN ('thanked', 'declined', 'withdrawn'))
AND (NEW.ended_on IS NULL OR NEW.ended_on = NEW.state_on)
) IS NOT TRUE THEN RAISE EXCEPTION 'the state of a wish follows from its steps' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'wish is kept' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.wish_own_project()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF ((NEW.project_id IS NULL OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.kind = 'wish')) AND NOT 
EXISTS (SELECT 1 FROM wish_payment y JOIN fund_request r ON r.id = y.request_id
  WHERE y.wish_id = NEW.id AND y.removed_at IS NULL AND r.project_id <> coalesce(NEW.project_id, 0))
) IS NOT TRUE THEN RAISE EXCEPTION 'no such project' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_payment_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'wish_payment does not change' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_payment_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'wish_payment is removed, not deleted' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.wish_payment_made()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
EXISTS (SELECT 1 FROM fund_request r JOIN wish w ON w.id = NEW.wish_id
  WHERE r.id = NEW.request_id AND r.kind = 'payment' AND r.project_id = w.project_id)
) IS NOT TRUE THEN RAISE EXCEPTION 'not a payment of the wish''s project' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_photo_in_time()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND w.state IN ('connected', 'fulfilled'))) IS NOT TRUE THEN RAISE EXCEPTION 'photos come before the call back' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_photo_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'wish_photo is removed, not deleted' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.wish_private_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (1 = 0) IS NOT TRUE THEN RAISE EXCEPTION 'wish_private is erased, not deleted' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $function$;

CREATE OR REPLACE FUNCTION public.wish_private_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.erased_at IS NULL AND NEW.wish_id = OLD.wish_id) IS NOT TRUE THEN RAISE EXCEPTION 'what is erased stays so' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_round_apart()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NOT EXISTS (SELECT 1 FROM wish_round r WHERE r.unit_id = NEW.unit_id AND r.id <> coalesce(NEW.id, 0)
  AND r.opens_on <= NEW.closes_on AND NEW.opens_on <= r.closes_on)
) IS NOT TRUE THEN RAISE EXCEPTION 'rounds of a unit do not overlap' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_round_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NOT EXISTS (SELECT 1 FROM wish_round r WHERE r.unit_id = NEW.unit_id AND r.id <> coalesce(NEW.id, 0)
  AND r.opens_on <= NEW.closes_on AND NEW.opens_on <= r.closes_on)
) IS NOT TRUE THEN RAISE EXCEPTION 'rounds of a unit do not overlap' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_step_followed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN UPDATE wish SET state = NEW.step, steps = NEW.seq, state_at = NEW.at, state_on = NEW.happened_on, last_by_id = NEW.by_id, published_on = CASE WHEN NEW.step = 'published' THEN coalesce(published_on, NEW.happened_on) ELSE published_on END, ended_on = CASE WHEN NEW.step IN ('thanked', 'declined', 'withdrawn') THEN NEW.happened_on END WHERE id = NEW.wish_id; UPDATE wish_claim SET connected_on = coalesce(connected_on, NEW.happened_on) WHERE id = NEW.claim_id AND NEW.step = 'connected'; UPDATE wish_claim SET ended_on = NEW.happened_on WHERE id = NEW.claim_id AND NEW.step IN ('lapsed', 'released', 'withdrawn'); RETURN NULL; END $function$;

CREATE OR REPLACE FUNCTION public.wish_step_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM wish_step_entry s WHERE s.wish_id = NEW.wish_id)
AND (NEW.happened_on = CAST(NEW.at + interval '8 hours' AS date) OR (NEW.step = 'lapsed' AND NEW.happened_on <= CAST(NEW.at + interval '8 hours' AS date)))
AND EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND (
(w.state IS NULL AND NEW.step = 'told')
OR (w.state = 'returned' AND NEW.step = 'told' AND NEW.by_id IS NOT NULL)
OR (w.state = 'told' AND NEW.step IN ('verified', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'verified' AND NEW.step IN ('published', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'returned' AND NEW.step IN ('declined', 'withdrawn'))
OR (w.state IN ('published', 'lapsed', 'released') AND NEW.step IN ('claimed', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'claimed' AND NEW.step IN ('connected', 'lapsed', 'released', 'withdrawn'))
OR (w.state = 'connected' AND NEW.step IN ('fulfilled', 'released', 'withdrawn'))
OR (w.state = 'fulfilled' AND NEW.step IN ('thanked', 'connected'))
)
  AND (w.state IS NOT NULL OR coalesce(NEW.by_id, 0) = coalesce(w.told_by_id, 0))
  AND (coalesce(w.own_id, 0) <> coalesce(NEW.by_id, -1) OR NEW.step IN ('told', 'released', 'withdrawn'))
  AND (NEW.step NOT IN ('verified', 'published', 'thanked') OR coalesce(w.last_by_id, 0) <> NEW.by_id)
  AND (NEW.step NOT IN ('verified', 'published') OR (w.title <> '' AND w.words <> ''))
  AND (NEW.step <> 'withdrawn' OR NEW.claim_id IS NOT NULL OR w.state NOT IN ('claimed', 'connected'))
  AND (NEW.step <> 'connected' OR w.state <> 'fulfilled' OR NEW.note <> '')
  AND (NEW.step <> 'claimed' OR 
NOT EXISTS (SELECT 1 FROM wish_round r JOIN unit_ancestry a ON a.ancestor_id = r.unit_id AND a.unit_id = w.unit_id
  AND a.valid_from <= NEW.happened_on AND (a.valid_to IS NULL OR a.valid_to > NEW.happened_on))
OR EXISTS (SELECT 1 FROM wish_round r JOIN unit_ancestry a ON a.ancestor_id = r.unit_id AND a.unit_id = w.unit_id
  AND a.valid_from <= NEW.happened_on AND (a.valid_to IS NULL OR a.valid_to > NEW.happened_on)
  WHERE NEW.happened_on BETWEEN r.opens_on AND r.closes_on)
))
AND (NEW.claim_id IS NULL OR EXISTS (SELECT 1 FROM wish_claim c WHERE c.id = NEW.claim_id AND c.wish_id = NEW.wish_id
  AND c.ended_on IS NULL
  AND (NEW.step = 'claimed') = (NOT EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.claim_id = c.id))
  AND (NEW.step <> 'claimed' OR (coalesce(c.by_id, 0) = coalesce(NEW.by_id, 0) AND c.claimed_on = NEW.happened_on))
  AND (NEW.step NOT IN ('connected', 'thanked') OR coalesce(c.by_id, 0) <> NEW.by_id)
  AND (NEW.step <> 'connected' OR c.connected_on IS NOT NULL OR NEW.happened_on <= c.due_on)
  AND (NEW.step <> 'lapsed' OR (c.connected_on IS NULL AND NEW.happened_on > c.due_on AND NEW.by_id IS NULL))))
AND (NEW.step <> 'fulfilled' OR NEW.reference <> ''
  OR EXISTS (SELECT 1 FROM wish_photo p WHERE p.wish_id = NEW.wish_id AND p.agreed_at IS NOT NULL AND p.removed_at IS NULL))
) IS NOT TRUE THEN RAISE EXCEPTION 'wish_step_entry out of order' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_veil()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.veiled_at IS NULL) IS NOT TRUE THEN RAISE EXCEPTION 'what is veiled stays so' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE OR REPLACE FUNCTION public.wish_worded()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN IF (OLD.state IN ('told', 'returned')) IS NOT TRUE THEN RAISE EXCEPTION 'these words were verified' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $function$;

CREATE TABLE account (
  id integer NOT NULL DEFAULT nextval('account_id_seq'::regclass),
  person_id integer NOT NULL,
  login_phone character varying(20),
  secret_hash character varying(200) NOT NULL,
  secret_kind character varying(32) NOT NULL,
  created_at timestamp without time zone NOT NULL,
  CONSTRAINT ck_account_secretkind CHECK (((secret_kind)::text = ANY ((ARRAY['pin'::character varying, 'password'::character varying])::text[]))),
  CONSTRAINT fk_account_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_account PRIMARY KEY (id),
  CONSTRAINT uq_account_login_phone UNIQUE (login_phone),
  CONSTRAINT uq_account_person_id UNIQUE (person_id)
);

CREATE TRIGGER account_of_who_is_erased BEFORE INSERT ON public.account FOR EACH ROW EXECUTE FUNCTION account_of_who_is_erased();

CREATE TABLE account_session (
  id integer NOT NULL DEFAULT nextval('account_session_id_seq'::regclass),
  token_hash character varying(64) NOT NULL,
  account_id integer NOT NULL,
  device character varying(60) NOT NULL,
  created_at timestamp without time zone NOT NULL,
  expires_at timestamp without time zone NOT NULL,
  confirmed_at timestamp without time zone NOT NULL,
  revoked_at timestamp without time zone,
  factor_at timestamp without time zone,
  CONSTRAINT fk_account_session_account_id_account FOREIGN KEY (account_id) REFERENCES account(id),
  CONSTRAINT pk_account_session PRIMARY KEY (id),
  CONSTRAINT uq_account_session_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_account_session_account_id ON public.account_session USING btree (account_id);

CREATE TABLE activation_code (
  id integer NOT NULL DEFAULT nextval('activation_code_id_seq'::regclass),
  code_hash character varying(64) NOT NULL,
  person_id integer NOT NULL,
  purpose character varying(32) NOT NULL,
  made_by_id integer,
  made_at timestamp without time zone NOT NULL,
  expires_at timestamp without time zone NOT NULL,
  used_at timestamp without time zone,
  revoked_at timestamp without time zone,
  CONSTRAINT ck_activation_code_codepurpose CHECK (((purpose)::text = ANY ((ARRAY['activation'::character varying, 'reset'::character varying])::text[]))),
  CONSTRAINT fk_activation_code_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_activation_code_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_activation_code PRIMARY KEY (id),
  CONSTRAINT uq_activation_code_code_hash UNIQUE (code_hash)
);

CREATE INDEX ix_activation_code_person_id ON public.activation_code USING btree (person_id);

CREATE TRIGGER activation_code_of_who_is_erased BEFORE INSERT ON public.activation_code FOR EACH ROW EXECUTE FUNCTION activation_code_of_who_is_erased();

CREATE TABLE activity (
  id integer NOT NULL DEFAULT nextval('activity_id_seq'::regclass),
  code character varying(8) NOT NULL,
  title character varying(60) NOT NULL,
  kind character varying(32) NOT NULL,
  unit_id integer NOT NULL,
  place_text character varying(80) NOT NULL,
  description text NOT NULL,
  risk_note character varying(300) NOT NULL,
  code_way character varying(32) NOT NULL,
  contact_id integer NOT NULL,
  created_at timestamp without time zone NOT NULL,
  created_by_id integer NOT NULL,
  published_at timestamp without time zone,
  published_by_id integer,
  cancelled_at timestamp without time zone,
  closed_at timestamp without time zone,
  closed_by_id integer,
  served_count integer,
  template character varying(32),
  insurance_note character varying(300) NOT NULL DEFAULT ''::character varying,
  for_unit_id integer,
  age_from integer,
  age_to integer,
  for_stages character varying(80) NOT NULL DEFAULT ''::character varying,
  asks_training character varying(40) NOT NULL DEFAULT ''::character varying,
  training_months integer,
  gives_training character varying(40) NOT NULL DEFAULT ''::character varying,
  form_id character varying(36),
  series_id integer,
  series_on date,
  publication_asked_at timestamp without time zone,
  publication_asked_by_id integer,
  cancel_reason character varying(100),
  came_counted integer,
  came_said integer,
  CONSTRAINT ck_activity_activitykind CHECK (((kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying, 'party_life'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_activity_age_from CHECK (((age_from >= 1) AND (age_from <= 120))),
  CONSTRAINT ck_activity_age_to CHECK ((((age_to >= 1) AND (age_to <= 120)) AND ((age_from IS NULL) OR (age_to >= age_from)))),
  CONSTRAINT ck_activity_came_counted CHECK ((came_counted >= 0)),
  CONSTRAINT ck_activity_came_said CHECK (((came_said IS NULL) OR ((came_said >= 0) AND (came_counted IS NOT NULL)))),
  CONSTRAINT ck_activity_closed CHECK (((closed_at IS NULL) OR (closed_by_id IS NULL) OR (served_count IS NOT NULL))),
  CONSTRAINT ck_activity_codeway CHECK (((code_way)::text = ANY ((ARRAY['poster'::character varying, 'rotating'::character varying])::text[]))),
  CONSTRAINT ck_activity_publication_asked CHECK (((publication_asked_at IS NULL) = (publication_asked_by_id IS NULL))),
  CONSTRAINT ck_activity_second_person CHECK (((published_by_id IS NULL) OR (publication_asked_by_id IS NULL) OR (published_by_id <> publication_asked_by_id))),
  CONSTRAINT ck_activity_series_on CHECK (((series_id IS NULL) = (series_on IS NULL))),
  CONSTRAINT ck_activity_served_count CHECK (((served_count IS NULL) OR (served_count >= 0))),
  CONSTRAINT ck_activity_training_months CHECK (((training_months IS NULL) OR (((training_months >= 1) AND (training_months <= 120)) AND ((asks_training)::text <> ''::text)))),
  CONSTRAINT fk_activity_closed_by_id_person FOREIGN KEY (closed_by_id) REFERENCES person(id),
  CONSTRAINT fk_activity_contact_id_person FOREIGN KEY (contact_id) REFERENCES person(id),
  CONSTRAINT fk_activity_created_by_id_person FOREIGN KEY (created_by_id) REFERENCES person(id),
  CONSTRAINT fk_activity_for_unit_id_unit FOREIGN KEY (for_unit_id) REFERENCES unit(id),
  CONSTRAINT fk_activity_publication_asked_by_id_person FOREIGN KEY (publication_asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_activity_published_by_id_person FOREIGN KEY (published_by_id) REFERENCES person(id),
  CONSTRAINT fk_activity_series_id_activity_series FOREIGN KEY (series_id) REFERENCES activity_series(id),
  CONSTRAINT fk_activity_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_activity PRIMARY KEY (id),
  CONSTRAINT uq_activity_code UNIQUE (code)
);

CREATE INDEX ix_activity_gives_training ON public.activity USING btree (gives_training) WHERE ((gives_training)::text <> ''::text);

CREATE INDEX ix_activity_published ON public.activity USING btree (published_at);

CREATE INDEX ix_activity_unit_id ON public.activity USING btree (unit_id);

CREATE UNIQUE INDEX uq_activity_form_id ON public.activity USING btree (form_id);

CREATE UNIQUE INDEX uq_activity_series ON public.activity USING btree (series_id, series_on);

CREATE TABLE activity_outcome (
  activity_id integer NOT NULL,
  kind character varying(32) NOT NULL,
  count integer NOT NULL,
  CONSTRAINT ck_activity_outcome_count CHECK ((count > 0)),
  CONSTRAINT ck_activity_outcome_outcome CHECK (((kind)::text = ANY ((ARRAY['hygiene'::character varying, 'facilities'::character varying, 'disputes'::character varying, 'public_safety'::character varying, 'hazards'::character varying, 'parking'::character varying, 'lifts'::character varying])::text[]))),
  CONSTRAINT fk_activity_outcome_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT pk_activity_outcome PRIMARY KEY (activity_id, kind)
);

CREATE TABLE activity_photo (
  id integer NOT NULL DEFAULT nextval('activity_photo_id_seq'::regclass),
  activity_id integer NOT NULL,
  slot integer NOT NULL,
  name character varying(32) NOT NULL,
  digest character varying(64) NOT NULL,
  alt character varying(80) NOT NULL,
  width integer NOT NULL,
  height integer NOT NULL,
  agreed_at timestamp without time zone,
  added_at timestamp without time zone NOT NULL,
  added_by_id integer NOT NULL,
  removed_at timestamp without time zone,
  removed_by_id integer,
  CONSTRAINT ck_activity_photo_alt CHECK (((alt)::text <> ''::text)),
  CONSTRAINT ck_activity_photo_dated CHECK (((removed_at IS NULL) OR (removed_at >= added_at))),
  CONSTRAINT ck_activity_photo_removed CHECK (((removed_at IS NULL) = (removed_by_id IS NULL))),
  CONSTRAINT ck_activity_photo_size CHECK ((((width >= 1) AND (width <= 1600)) AND ((height >= 1) AND (height <= 1600)))),
  CONSTRAINT ck_activity_photo_slot CHECK (((slot >= 1) AND (slot <= 9))),
  CONSTRAINT fk_activity_photo_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_activity_photo_added_by_id_person FOREIGN KEY (added_by_id) REFERENCES person(id),
  CONSTRAINT fk_activity_photo_removed_by_id_person FOREIGN KEY (removed_by_id) REFERENCES person(id),
  CONSTRAINT pk_activity_photo PRIMARY KEY (id),
  CONSTRAINT uq_activity_photo_name UNIQUE (name)
);

CREATE UNIQUE INDEX uq_activity_photo_digest ON public.activity_photo USING btree (activity_id, digest) WHERE (removed_at IS NULL);

CREATE UNIQUE INDEX uq_activity_photo_slot ON public.activity_photo USING btree (activity_id, slot) WHERE (removed_at IS NULL);

CREATE TABLE activity_series (
  id integer NOT NULL DEFAULT nextval('activity_series_id_seq'::regclass),
  unit_id integer NOT NULL,
  title character varying(60) NOT NULL,
  every character varying(32) NOT NULL,
  first_on date NOT NULL,
  until_on date NOT NULL,
  form_id character varying(36) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  CONSTRAINT ck_activity_series_dated CHECK ((until_on >= first_on)),
  CONSTRAINT ck_activity_series_every CHECK (((every)::text = ANY ((ARRAY['week'::character varying, 'fortnight'::character varying, 'month_day'::character varying, 'month_weekday'::character varying])::text[]))),
  CONSTRAINT fk_activity_series_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_activity_series_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_activity_series PRIMARY KEY (id),
  CONSTRAINT uq_activity_series_form_id UNIQUE (form_id)
);

CREATE INDEX ix_activity_series_unit_id ON public.activity_series USING btree (unit_id);

CREATE TABLE activity_template (
  id integer NOT NULL DEFAULT nextval('activity_template_id_seq'::regclass),
  unit_id integer NOT NULL,
  name character varying(40) NOT NULL,
  template character varying(32),
  shape json NOT NULL,
  activity_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  withdrawn_at timestamp without time zone,
  withdrawn_by_id integer,
  CONSTRAINT ck_activity_template_dated CHECK (((withdrawn_at IS NULL) OR (withdrawn_at >= made_at))),
  CONSTRAINT ck_activity_template_withdrawn CHECK (((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL))),
  CONSTRAINT fk_activity_template_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_activity_template_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_activity_template_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT fk_activity_template_withdrawn_by_id_person FOREIGN KEY (withdrawn_by_id) REFERENCES person(id),
  CONSTRAINT pk_activity_template PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_activity_template_name ON public.activity_template USING btree (unit_id, name) WHERE (withdrawn_at IS NULL);

CREATE TABLE alembic_version (
  version_num character varying(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE assessment (
  id integer NOT NULL DEFAULT nextval('assessment_id_seq'::regclass),
  unit_id integer NOT NULL,
  committee_id integer NOT NULL,
  span character varying(7) NOT NULL,
  started_at timestamp without time zone NOT NULL,
  revision integer NOT NULL DEFAULT 0,
  step_seq integer NOT NULL DEFAULT 0,
  step character varying(32),
  step_at timestamp without time zone,
  step_by_id integer,
  CONSTRAINT ck_assessment_committee CHECK ((unit_id <> committee_id)),
  CONSTRAINT ck_assessment_step CHECK (((step)::text = ANY ((ARRAY['collected'::character varying, 'reviewed'::character varying, 'returned'::character varying, 'approved'::character varying, 'publicised'::character varying, 'retracted'::character varying, 'locked'::character varying])::text[]))),
  CONSTRAINT ck_assessment_taken CHECK ((((step IS NULL) = (step_at IS NULL)) AND ((step IS NULL) = (step_by_id IS NULL)))),
  CONSTRAINT fk_assessment_committee_id_unit FOREIGN KEY (committee_id) REFERENCES unit(id),
  CONSTRAINT fk_assessment_step_by_id_person FOREIGN KEY (step_by_id) REFERENCES person(id),
  CONSTRAINT fk_assessment_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_assessment PRIMARY KEY (id),
  CONSTRAINT uq_assessment_unit_id_span UNIQUE (unit_id, span)
);

CREATE INDEX ix_assessment_committee ON public.assessment USING btree (committee_id, step);

CREATE INDEX ix_assessment_span ON public.assessment USING btree (span, step);

CREATE TRIGGER assessment_no_truncate BEFORE TRUNCATE ON public.assessment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_on_delete BEFORE DELETE ON public.assessment FOR EACH ROW EXECUTE FUNCTION assessment_on_delete();

CREATE TRIGGER assessment_on_insert BEFORE INSERT ON public.assessment FOR EACH ROW EXECUTE FUNCTION assessment_on_insert();

CREATE TRIGGER assessment_on_update BEFORE UPDATE ON public.assessment FOR EACH ROW EXECUTE FUNCTION assessment_on_update();

CREATE TABLE assessment_figures (
  id integer NOT NULL DEFAULT nextval('assessment_figures_id_seq'::regclass),
  assessment_id integer NOT NULL,
  revision integer NOT NULL,
  people integer NOT NULL,
  scheme_version character varying(20) NOT NULL,
  bands json NOT NULL,
  digest character varying(64) NOT NULL,
  taken_at timestamp without time zone NOT NULL,
  taken_by_id integer NOT NULL,
  CONSTRAINT ck_assessment_figures_people CHECK ((people >= 0)),
  CONSTRAINT fk_assessment_figures_assessment_id_assessment FOREIGN KEY (assessment_id) REFERENCES assessment(id),
  CONSTRAINT fk_assessment_figures_taken_by_id_person FOREIGN KEY (taken_by_id) REFERENCES person(id),
  CONSTRAINT pk_assessment_figures PRIMARY KEY (id),
  CONSTRAINT uq_assessment_figures_assessment_id_revision UNIQUE (assessment_id, revision)
);

CREATE TRIGGER assessment_figures_append_only BEFORE DELETE OR UPDATE ON public.assessment_figures FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_figures_followed AFTER INSERT ON public.assessment_figures FOR EACH ROW EXECUTE FUNCTION assessment_figures_followed();

CREATE TRIGGER assessment_figures_no_truncate BEFORE TRUNCATE ON public.assessment_figures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_figures_on_insert BEFORE INSERT ON public.assessment_figures FOR EACH ROW EXECUTE FUNCTION assessment_figures_on_insert();

CREATE TABLE assessment_line (
  figures_id integer NOT NULL,
  person_id integer NOT NULL,
  base integer NOT NULL,
  earned integer NOT NULL,
  deducted integer NOT NULL,
  carried integer NOT NULL,
  late integer NOT NULL,
  vetoed boolean NOT NULL,
  exempt character varying(10),
  total integer NOT NULL,
  grade character varying(20) NOT NULL,
  by_rule json NOT NULL,
  entries json NOT NULL,
  late_entries json NOT NULL,
  has_late boolean NOT NULL,
  CONSTRAINT ck_assessment_line_exempt CHECK (((exempt)::text = ANY ((ARRAY['age'::character varying, 'ill'::character varying, 'away'::character varying])::text[]))),
  CONSTRAINT ck_assessment_line_grade CHECK (((exempt IS NULL) OR ((grade)::text = ''::text))),
  CONSTRAINT ck_assessment_line_total CHECK ((total =
CASE
    WHEN vetoed THEN 0
    ELSE ((((base + carried) + earned) - deducted) + late)
END)),
  CONSTRAINT fk_assessment_line_figures_id_assessment_figures FOREIGN KEY (figures_id) REFERENCES assessment_figures(id),
  CONSTRAINT fk_assessment_line_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_assessment_line PRIMARY KEY (figures_id, person_id)
);

CREATE INDEX ix_assessment_line_person ON public.assessment_line USING btree (person_id);

CREATE TRIGGER assessment_line_append_only BEFORE DELETE OR UPDATE ON public.assessment_line FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_line_no_truncate BEFORE TRUNCATE ON public.assessment_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_line_on_insert BEFORE INSERT ON public.assessment_line FOR EACH ROW EXECUTE FUNCTION assessment_line_on_insert();

CREATE TABLE assessment_remark (
  id integer NOT NULL DEFAULT nextval('assessment_remark_id_seq'::regclass),
  assessment_id integer NOT NULL,
  person_id integer NOT NULL,
  words character varying(100) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  CONSTRAINT ck_assessment_remark_not_oneself CHECK ((made_by_id <> person_id)),
  CONSTRAINT ck_assessment_remark_words CHECK (((words)::text <> ''::text)),
  CONSTRAINT fk_assessment_remark_assessment_id_assessment FOREIGN KEY (assessment_id) REFERENCES assessment(id),
  CONSTRAINT fk_assessment_remark_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_assessment_remark_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_assessment_remark PRIMARY KEY (id)
);

CREATE INDEX ix_assessment_remark_of ON public.assessment_remark USING btree (assessment_id, person_id);

CREATE TRIGGER assessment_remark_append_only BEFORE DELETE OR UPDATE ON public.assessment_remark FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_remark_no_truncate BEFORE TRUNCATE ON public.assessment_remark FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_remark_on_insert BEFORE INSERT ON public.assessment_remark FOR EACH ROW EXECUTE FUNCTION assessment_remark_on_insert();

CREATE TABLE assessment_step (
  id bigint NOT NULL DEFAULT nextval('assessment_step_id_seq'::regclass),
  assessment_id integer NOT NULL,
  seq integer NOT NULL,
  step character varying(32) NOT NULL,
  revision integer NOT NULL,
  publicity_id integer,
  reason character varying(300) NOT NULL,
  actor_id integer NOT NULL,
  at timestamp without time zone NOT NULL,
  CONSTRAINT ck_assessment_step_publicity CHECK (((publicity_id IS NOT NULL) = ((step)::text = ANY ((ARRAY['publicised'::character varying, 'retracted'::character varying, 'locked'::character varying])::text[])))),
  CONSTRAINT ck_assessment_step_reason CHECK ((((step)::text <> ALL ((ARRAY['returned'::character varying, 'retracted'::character varying])::text[])) OR ((reason)::text <> ''::text))),
  CONSTRAINT ck_assessment_step_step CHECK (((step)::text = ANY ((ARRAY['collected'::character varying, 'reviewed'::character varying, 'returned'::character varying, 'approved'::character varying, 'publicised'::character varying, 'retracted'::character varying, 'locked'::character varying])::text[]))),
  CONSTRAINT fk_assessment_step_actor_id_person FOREIGN KEY (actor_id) REFERENCES person(id),
  CONSTRAINT fk_assessment_step_assessment_id_assessment FOREIGN KEY (assessment_id) REFERENCES assessment(id),
  CONSTRAINT fk_assessment_step_assessment_id_assessment_figures FOREIGN KEY (assessment_id, revision) REFERENCES assessment_figures(assessment_id, revision),
  CONSTRAINT fk_assessment_step_publicity_id_publicity FOREIGN KEY (publicity_id) REFERENCES publicity(id),
  CONSTRAINT pk_assessment_step PRIMARY KEY (id),
  CONSTRAINT uq_assessment_step_assessment_id_seq UNIQUE (assessment_id, seq)
);

CREATE TRIGGER assessment_step_append_only BEFORE DELETE OR UPDATE ON public.assessment_step FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_step_followed AFTER INSERT ON public.assessment_step FOR EACH ROW EXECUTE FUNCTION assessment_step_followed();

CREATE TRIGGER assessment_step_no_truncate BEFORE TRUNCATE ON public.assessment_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER assessment_step_on_insert BEFORE INSERT ON public.assessment_step FOR EACH ROW EXECUTE FUNCTION assessment_step_on_insert();

CREATE TABLE attendance (
  id bigint NOT NULL DEFAULT nextval('attendance_id_seq'::regclass),
  shift_id integer NOT NULL,
  person_id integer NOT NULL,
  in_at timestamp without time zone NOT NULL,
  in_way character varying(32) NOT NULL,
  in_scan_id uuid NOT NULL,
  out_at timestamp without time zone,
  out_way character varying(32),
  out_scan_id uuid,
  credited_from timestamp without time zone,
  credited_to timestamp without time zone,
  excluded_at timestamp without time zone,
  excluded_by_id integer,
  held_at timestamp without time zone,
  held_for character varying(32),
  held_unit_id integer,
  reminded_at timestamp without time zone,
  CONSTRAINT ck_attendance_credited CHECK (((credited_from IS NULL) = (credited_to IS NULL))),
  CONSTRAINT ck_attendance_credited_spell CHECK (((credited_from IS NULL) OR ((out_at IS NOT NULL) AND (credited_to > credited_from)))),
  CONSTRAINT ck_attendance_excluded_uncounted CHECK (((excluded_at IS NULL) OR ((credited_from IS NULL) AND ((excluded_by_id IS NULL) OR (excluded_by_id <> person_id))))),
  CONSTRAINT ck_attendance_held_by_a_unit CHECK (((held_at IS NULL) = (held_unit_id IS NULL))),
  CONSTRAINT ck_attendance_held_for CHECK (((held_for)::text = ANY ((ARRAY['organiser'::character varying, 'parent'::character varying, 'subdistrict'::character varying])::text[]))),
  CONSTRAINT ck_attendance_held_for_somebody CHECK (((held_at IS NULL) = (held_for IS NULL))),
  CONSTRAINT ck_attendance_held_uncounted CHECK (((held_at IS NULL) OR ((out_at IS NOT NULL) AND (credited_from IS NULL) AND (excluded_at IS NULL)))),
  CONSTRAINT ck_attendance_in_way CHECK (((in_way)::text = ANY ((ARRAY['poster'::character varying, 'rotating'::character varying, 'typed_code'::character varying, 'personal_code'::character varying, 'card'::character varying, 'button'::character varying, 'named'::character varying, 'organiser'::character varying, 'paper'::character varying])::text[]))),
  CONSTRAINT ck_attendance_out CHECK (((out_at IS NULL) = (out_way IS NULL))),
  CONSTRAINT ck_attendance_out_after_in CHECK (((out_at IS NULL) OR (out_at >= in_at))),
  CONSTRAINT ck_attendance_out_way CHECK (((out_way)::text = ANY ((ARRAY['poster'::character varying, 'rotating'::character varying, 'typed_code'::character varying, 'personal_code'::character varying, 'card'::character varying, 'button'::character varying, 'named'::character varying, 'organiser'::character varying, 'paper'::character varying])::text[]))),
  CONSTRAINT fk_attendance_excluded_by_id_person FOREIGN KEY (excluded_by_id) REFERENCES person(id),
  CONSTRAINT fk_attendance_held_unit_id_unit FOREIGN KEY (held_unit_id) REFERENCES unit(id),
  CONSTRAINT fk_attendance_in_scan_id_scan FOREIGN KEY (in_scan_id) REFERENCES scan(id),
  CONSTRAINT fk_attendance_out_scan_id_scan FOREIGN KEY (out_scan_id) REFERENCES scan(id),
  CONSTRAINT fk_attendance_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_attendance_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift(id),
  CONSTRAINT pk_attendance PRIMARY KEY (id),
  CONSTRAINT ex_attendance_overlap EXCLUDE USING gist (person_id WITH =, tsrange(credited_from, credited_to) WITH &&) WHERE ((credited_from IS NOT NULL))
);

CREATE INDEX ix_attendance_excluded_by ON public.attendance USING btree (excluded_by_id) WHERE (excluded_by_id IS NOT NULL);

CREATE INDEX ix_attendance_held ON public.attendance USING btree (held_unit_id, held_at) WHERE (held_at IS NOT NULL);

CREATE INDEX ix_attendance_person ON public.attendance USING btree (person_id, in_at);

CREATE INDEX ix_attendance_shift ON public.attendance USING btree (shift_id, person_id, out_at);

CREATE UNIQUE INDEX uq_attendance_open ON public.attendance USING btree (shift_id, person_id) WHERE (out_at IS NULL);

CREATE TRIGGER attendance_decision_final BEFORE UPDATE OF out_at, held_at ON public.attendance FOR EACH ROW WHEN ((((new.out_at IS NULL) AND (old.out_at IS NOT NULL)) OR ((new.held_at IS NOT NULL) AND (old.held_at IS NULL)))) EXECUTE FUNCTION refuse_second_decision();

CREATE TRIGGER attendance_decision_not_of_oneself BEFORE UPDATE OF person_id ON public.attendance FOR EACH ROW EXECUTE FUNCTION refuse_decider_as_owner();

CREATE TRIGGER attendance_of_who_went BEFORE INSERT ON public.attendance FOR EACH ROW EXECUTE FUNCTION attendance_of_who_went();

CREATE TABLE attendance_decision (
  attendance_id bigint NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  verdict character varying(32) NOT NULL,
  note character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_attendance_decision_verdict CHECK (((verdict)::text = ANY ((ARRAY['count'::character varying, 'leave'::character varying])::text[]))),
  CONSTRAINT fk_attendance_decision_attendance_id_attendance FOREIGN KEY (attendance_id) REFERENCES attendance(id),
  CONSTRAINT fk_attendance_decision_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT pk_attendance_decision PRIMARY KEY (attendance_id)
);

CREATE INDEX ix_attendance_decision_by ON public.attendance_decision USING btree (made_by_id);

CREATE INDEX ix_attendance_decision_made_at ON public.attendance_decision USING btree (made_at);

CREATE TRIGGER attendance_decision_append_only BEFORE DELETE OR UPDATE ON public.attendance_decision FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER attendance_decision_no_truncate BEFORE TRUNCATE ON public.attendance_decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER attendance_decision_not_oneself BEFORE INSERT ON public.attendance_decision FOR EACH ROW EXECUTE FUNCTION refuse_own_decision();

CREATE TRIGGER attendance_decision_two_people BEFORE INSERT ON public.attendance_decision FOR EACH ROW EXECUTE FUNCTION refuse_one_person();

CREATE TABLE attendance_reason (
  attendance_id bigint NOT NULL,
  reason character varying(32) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  holds boolean NOT NULL,
  number integer,
  other_id bigint,
  CONSTRAINT ck_attendance_reason_reason CHECK (((reason)::text = ANY ((ARRAY['elsewhere'::character varying, 'too_near'::character varying, 'shared_device'::character varying, 'outside'::character varying, 'late'::character varying, 'short'::character varying, 'long_day'::character varying, 'longest_day'::character varying, 'staff'::character varying, 'kin'::character varying, 'closed'::character varying])::text[]))),
  CONSTRAINT fk_attendance_reason_attendance_id_attendance FOREIGN KEY (attendance_id) REFERENCES attendance(id),
  CONSTRAINT fk_attendance_reason_other_id_attendance FOREIGN KEY (other_id) REFERENCES attendance(id),
  CONSTRAINT pk_attendance_reason PRIMARY KEY (attendance_id, reason)
);

CREATE TABLE audit_event (
  id bigint NOT NULL DEFAULT nextval('audit_event_id_seq'::regclass),
  at timestamp without time zone NOT NULL,
  actor_id integer,
  action character varying(60) NOT NULL,
  subject character varying(40) NOT NULL,
  subject_id bigint,
  detail json NOT NULL,
  request_id character varying(12) NOT NULL,
  CONSTRAINT fk_audit_event_actor_id_person FOREIGN KEY (actor_id) REFERENCES person(id),
  CONSTRAINT pk_audit_event PRIMARY KEY (id)
);

CREATE INDEX ix_audit_event_action ON public.audit_event USING btree (action, at, id);

CREATE INDEX ix_audit_event_actor ON public.audit_event USING btree (actor_id, at, id);

CREATE INDEX ix_audit_event_at ON public.audit_event USING btree (at, id);

CREATE INDEX ix_audit_event_request ON public.audit_event USING btree (request_id, at, id);

CREATE INDEX ix_audit_event_subject ON public.audit_event USING btree (subject, subject_id, at, id);

CREATE TRIGGER audit_event_append_only BEFORE DELETE OR UPDATE ON public.audit_event FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON public.audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE bank_account (
  id integer NOT NULL DEFAULT nextval('bank_account_id_seq'::regclass),
  name character varying(40) NOT NULL,
  tail character varying(4) NOT NULL,
  added_at timestamp without time zone NOT NULL,
  added_by_id integer NOT NULL,
  CONSTRAINT ck_bank_account_name CHECK (((name)::text <> ''::text)),
  CONSTRAINT fk_bank_account_added_by_id_person FOREIGN KEY (added_by_id) REFERENCES person(id),
  CONSTRAINT pk_bank_account PRIMARY KEY (id),
  CONSTRAINT uq_bank_account_name UNIQUE (name)
);

CREATE TRIGGER bank_account_fixed BEFORE UPDATE OF name, tail, added_at, added_by_id ON public.bank_account FOR EACH ROW EXECUTE FUNCTION bank_account_fixed();

CREATE TRIGGER bank_account_kept BEFORE DELETE ON public.bank_account FOR EACH ROW EXECUTE FUNCTION bank_account_kept();

CREATE TABLE bank_aside (
  id integer NOT NULL DEFAULT nextval('bank_aside_id_seq'::regclass),
  line_id bigint NOT NULL,
  reason character varying(200) NOT NULL,
  asked_by_id integer NOT NULL,
  asked_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  ended_at timestamp without time zone,
  ended_by_id integer,
  end_reason character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_bank_aside_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_bank_aside_bankasideverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_bank_aside_decided CHECK ((((decided_at IS NULL) = (decided_by_id IS NULL)) AND ((decided_at IS NULL) = (verdict IS NULL)))),
  CONSTRAINT ck_bank_aside_ended CHECK ((((ended_at IS NULL) = (ended_by_id IS NULL)) AND ((ended_at IS NULL) = ((end_reason)::text = ''::text)))),
  CONSTRAINT ck_bank_aside_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_bank_aside_stood CHECK (((ended_at IS NULL) OR ((verdict)::text = 'approved'::text))),
  CONSTRAINT ck_bank_aside_two_people CHECK (((decided_by_id IS NULL) OR (((verdict)::text = 'withdrawn'::text) = (decided_by_id = asked_by_id)))),
  CONSTRAINT fk_bank_aside_asked_by_id_person FOREIGN KEY (asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_bank_aside_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_bank_aside_ended_by_id_person FOREIGN KEY (ended_by_id) REFERENCES person(id),
  CONSTRAINT fk_bank_aside_line_id_bank_line_entry FOREIGN KEY (line_id) REFERENCES bank_line_entry(id),
  CONSTRAINT pk_bank_aside PRIMARY KEY (id)
);

CREATE INDEX ix_bank_aside_of_line ON public.bank_aside USING btree (line_id);

CREATE UNIQUE INDEX uq_bank_aside_line ON public.bank_aside USING btree (line_id) WHERE ((ended_at IS NULL) AND ((verdict IS NULL) OR ((verdict)::text = 'approved'::text)));

CREATE TRIGGER bank_aside_fixed BEFORE UPDATE OF line_id, reason, asked_by_id, asked_at ON public.bank_aside FOR EACH ROW EXECUTE FUNCTION bank_aside_fixed();

CREATE TRIGGER bank_aside_holds BEFORE INSERT ON public.bank_aside FOR EACH ROW EXECUTE FUNCTION bank_aside_holds();

CREATE TRIGGER bank_aside_kept BEFORE DELETE ON public.bank_aside FOR EACH ROW EXECUTE FUNCTION bank_aside_kept();

CREATE TRIGGER bank_aside_once BEFORE UPDATE ON public.bank_aside FOR EACH ROW EXECUTE FUNCTION bank_aside_once();

CREATE TRIGGER bank_aside_said BEFORE UPDATE OF decided_at, decided_by_id, verdict, answer ON public.bank_aside FOR EACH ROW EXECUTE FUNCTION bank_aside_said();

CREATE TABLE bank_group (
  id integer NOT NULL,
  lines integer NOT NULL,
  requests integer NOT NULL,
  fen bigint NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  for_id integer,
  ended_at timestamp without time zone,
  ended_by_id integer,
  end_reason character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_bank_group_deputy CHECK (((for_id IS NULL) OR (for_id <> made_by_id))),
  CONSTRAINT ck_bank_group_ended CHECK ((((ended_at IS NULL) = (ended_by_id IS NULL)) AND ((ended_at IS NULL) = ((end_reason)::text = ''::text)))),
  CONSTRAINT ck_bank_group_several CHECK (((lines > 0) AND (requests > 0) AND ((lines + requests) > 2))),
  CONSTRAINT fk_bank_group_ended_by_id_person FOREIGN KEY (ended_by_id) REFERENCES person(id),
  CONSTRAINT fk_bank_group_for_id_person FOREIGN KEY (for_id) REFERENCES person(id),
  CONSTRAINT fk_bank_group_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT pk_bank_group PRIMARY KEY (id)
);

CREATE TRIGGER bank_group_deputy BEFORE INSERT ON public.bank_group FOR EACH ROW EXECUTE FUNCTION bank_group_deputy();

CREATE TRIGGER bank_group_fixed BEFORE UPDATE OF lines, requests, fen, made_at, made_by_id, for_id ON public.bank_group FOR EACH ROW EXECUTE FUNCTION bank_group_fixed();

CREATE TRIGGER bank_group_freed AFTER UPDATE OF ended_at ON public.bank_group FOR EACH ROW EXECUTE FUNCTION bank_group_freed();

CREATE TRIGGER bank_group_kept BEFORE DELETE ON public.bank_group FOR EACH ROW EXECUTE FUNCTION bank_group_kept();

CREATE TRIGGER bank_group_once BEFORE UPDATE ON public.bank_group FOR EACH ROW EXECUTE FUNCTION bank_group_once();

CREATE TRIGGER bank_group_whole BEFORE INSERT ON public.bank_group FOR EACH ROW EXECUTE FUNCTION bank_group_whole();

CREATE TABLE bank_group_line (
  group_id integer NOT NULL,
  line_id bigint NOT NULL,
  ended boolean NOT NULL DEFAULT false,
  CONSTRAINT fk_bank_group_line_group_id_bank_group FOREIGN KEY (group_id) REFERENCES bank_group(id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_bank_group_line_line_id_bank_line_entry FOREIGN KEY (line_id) REFERENCES bank_line_entry(id),
  CONSTRAINT pk_bank_group_line PRIMARY KEY (group_id, line_id)
);

CREATE INDEX ix_bank_group_line_of ON public.bank_group_line USING btree (line_id);

CREATE UNIQUE INDEX uq_bank_group_line_live ON public.bank_group_line USING btree (line_id) WHERE (NOT ended);

CREATE TRIGGER bank_group_line_ends BEFORE UPDATE ON public.bank_group_line FOR EACH ROW EXECUTE FUNCTION bank_group_line_ends();

CREATE TRIGGER bank_group_line_holds BEFORE INSERT ON public.bank_group_line FOR EACH ROW EXECUTE FUNCTION bank_group_line_holds();

CREATE TRIGGER bank_group_line_kept BEFORE DELETE ON public.bank_group_line FOR EACH ROW EXECUTE FUNCTION bank_group_line_kept();

CREATE TABLE bank_group_request (
  group_id integer NOT NULL,
  request_id integer NOT NULL,
  ended boolean NOT NULL DEFAULT false,
  CONSTRAINT fk_bank_group_request_group_id_bank_group FOREIGN KEY (group_id) REFERENCES bank_group(id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_bank_group_request_request_id_fund_request FOREIGN KEY (request_id) REFERENCES fund_request(id),
  CONSTRAINT pk_bank_group_request PRIMARY KEY (group_id, request_id)
);

CREATE INDEX ix_bank_group_request_of ON public.bank_group_request USING btree (request_id);

CREATE UNIQUE INDEX uq_bank_group_request_live ON public.bank_group_request USING btree (request_id) WHERE (NOT ended);

CREATE TRIGGER bank_group_request_ends BEFORE UPDATE ON public.bank_group_request FOR EACH ROW EXECUTE FUNCTION bank_group_request_ends();

CREATE TRIGGER bank_group_request_holds BEFORE INSERT ON public.bank_group_request FOR EACH ROW EXECUTE FUNCTION bank_group_request_holds();

CREATE TRIGGER bank_group_request_kept BEFORE DELETE ON public.bank_group_request FOR EACH ROW EXECUTE FUNCTION bank_group_request_kept();

CREATE TABLE bank_line_entry (
  id bigint NOT NULL DEFAULT nextval('bank_line_entry_id_seq'::regclass),
  statement_id integer NOT NULL,
  seq integer NOT NULL,
  booked_on date NOT NULL,
  fen bigint NOT NULL,
  balance bigint NOT NULL,
  party character varying(80) NOT NULL,
  reference character varying(60) NOT NULL,
  memo character varying(120) NOT NULL,
  CONSTRAINT ck_bank_line_entry_fen CHECK ((fen <> 0)),
  CONSTRAINT fk_bank_line_entry_statement_id_bank_statement FOREIGN KEY (statement_id) REFERENCES bank_statement(id),
  CONSTRAINT pk_bank_line_entry PRIMARY KEY (id),
  CONSTRAINT uq_bank_line_entry_statement_id_seq UNIQUE (statement_id, seq)
);

CREATE INDEX ix_bank_line_entry_day ON public.bank_line_entry USING btree (booked_on);

CREATE TRIGGER bank_line_entry_append_only BEFORE DELETE OR UPDATE ON public.bank_line_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER bank_line_entry_no_truncate BEFORE TRUNCATE ON public.bank_line_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER bank_line_runs BEFORE INSERT ON public.bank_line_entry FOR EACH ROW EXECUTE FUNCTION bank_line_runs();

CREATE TABLE bank_match (
  id integer NOT NULL DEFAULT nextval('bank_match_id_seq'::regclass),
  line_id bigint NOT NULL,
  request_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  ended_at timestamp without time zone,
  ended_by_id integer,
  end_reason character varying(200) NOT NULL DEFAULT ''::character varying,
  for_id integer,
  CONSTRAINT ck_bank_match_deputy CHECK (((for_id IS NULL) OR (for_id <> made_by_id))),
  CONSTRAINT ck_bank_match_ended CHECK ((((ended_at IS NULL) = (ended_by_id IS NULL)) AND ((ended_at IS NULL) = ((end_reason)::text = ''::text)))),
  CONSTRAINT fk_bank_match_ended_by_id_person FOREIGN KEY (ended_by_id) REFERENCES person(id),
  CONSTRAINT fk_bank_match_for_id_person FOREIGN KEY (for_id) REFERENCES person(id),
  CONSTRAINT fk_bank_match_line_id_bank_line_entry FOREIGN KEY (line_id) REFERENCES bank_line_entry(id),
  CONSTRAINT fk_bank_match_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_bank_match_request_id_fund_request FOREIGN KEY (request_id) REFERENCES fund_request(id),
  CONSTRAINT pk_bank_match PRIMARY KEY (id)
);

CREATE INDEX ix_bank_match_of_line ON public.bank_match USING btree (line_id);

CREATE UNIQUE INDEX uq_bank_match_line ON public.bank_match USING btree (line_id) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX uq_bank_match_request ON public.bank_match USING btree (request_id) WHERE (ended_at IS NULL);

CREATE TRIGGER bank_match_deputy BEFORE INSERT ON public.bank_match FOR EACH ROW EXECUTE FUNCTION bank_match_deputy();

CREATE TRIGGER bank_match_fixed BEFORE UPDATE OF line_id, request_id, made_at, made_by_id ON public.bank_match FOR EACH ROW EXECUTE FUNCTION bank_match_fixed();

CREATE TRIGGER bank_match_holds BEFORE INSERT ON public.bank_match FOR EACH ROW EXECUTE FUNCTION bank_match_holds();

CREATE TRIGGER bank_match_kept BEFORE DELETE ON public.bank_match FOR EACH ROW EXECUTE FUNCTION bank_match_kept();

CREATE TRIGGER bank_match_once BEFORE UPDATE ON public.bank_match FOR EACH ROW EXECUTE FUNCTION bank_match_once();

CREATE TABLE bank_preview (
  id integer NOT NULL DEFAULT nextval('bank_preview_id_seq'::regclass),
  account_id integer NOT NULL,
  file_name character varying(120) NOT NULL,
  digest character varying(64) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  titles json NOT NULL,
  rows json NOT NULL,
  faults json NOT NULL,
  count integer NOT NULL,
  first_on date,
  last_on date,
  opening bigint NOT NULL,
  closing bigint NOT NULL,
  notes json NOT NULL,
  CONSTRAINT fk_bank_preview_account_id_bank_account FOREIGN KEY (account_id) REFERENCES bank_account(id),
  CONSTRAINT fk_bank_preview_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT pk_bank_preview PRIMARY KEY (id)
);

CREATE INDEX ix_bank_preview_made_by_id ON public.bank_preview USING btree (made_by_id);

CREATE TABLE bank_statement (
  id integer NOT NULL DEFAULT nextval('bank_statement_id_seq'::regclass),
  account_id integer NOT NULL,
  file_name character varying(120) NOT NULL,
  digest character varying(64) NOT NULL,
  first_on date NOT NULL,
  last_on date NOT NULL,
  opening bigint NOT NULL,
  closing bigint NOT NULL,
  lines integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  voided_at timestamp without time zone,
  voided_by_id integer,
  void_reason character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_bank_statement_dated CHECK ((last_on >= first_on)),
  CONSTRAINT ck_bank_statement_lines CHECK ((lines > 0)),
  CONSTRAINT ck_bank_statement_voided CHECK ((((voided_at IS NULL) = (voided_by_id IS NULL)) AND ((voided_at IS NULL) = ((void_reason)::text = ''::text)))),
  CONSTRAINT fk_bank_statement_account_id_bank_account FOREIGN KEY (account_id) REFERENCES bank_account(id),
  CONSTRAINT fk_bank_statement_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_bank_statement_voided_by_id_person FOREIGN KEY (voided_by_id) REFERENCES person(id),
  CONSTRAINT pk_bank_statement PRIMARY KEY (id)
);

CREATE INDEX ix_bank_statement_account ON public.bank_statement USING btree (account_id, first_on);

CREATE UNIQUE INDEX uq_bank_statement_digest ON public.bank_statement USING btree (digest) WHERE (voided_at IS NULL);

CREATE TRIGGER bank_statement_fixed BEFORE UPDATE OF account_id, file_name, digest, first_on, last_on, opening, closing, lines, made_at, made_by_id ON public.bank_statement FOR EACH ROW EXECUTE FUNCTION bank_statement_fixed();

CREATE TRIGGER bank_statement_follows BEFORE INSERT ON public.bank_statement FOR EACH ROW EXECUTE FUNCTION bank_statement_follows();

CREATE TRIGGER bank_statement_kept BEFORE DELETE ON public.bank_statement FOR EACH ROW EXECUTE FUNCTION bank_statement_kept();

CREATE TRIGGER bank_statement_once BEFORE UPDATE ON public.bank_statement FOR EACH ROW EXECUTE FUNCTION bank_statement_once();

CREATE TABLE board (
  id integer NOT NULL DEFAULT nextval('board_id_seq'::regclass),
  kind character varying(32) NOT NULL,
  length character varying(32) NOT NULL,
  span_key character varying(24) NOT NULL,
  first_on date NOT NULL,
  last_on date NOT NULL,
  closes_on date NOT NULL,
  frozen_on date NOT NULL,
  frozen_at timestamp without time zone NOT NULL,
  frozen_by_id integer,
  definition json NOT NULL,
  digest character varying(64) NOT NULL,
  CONSTRAINT ck_board_boardkind CHECK (((kind)::text = ANY ((ARRAY['person'::character varying, 'branch'::character varying, 'community'::character varying, 'team'::character varying])::text[]))),
  CONSTRAINT ck_board_closed CHECK (((closes_on > last_on) AND (frozen_on >= closes_on))),
  CONSTRAINT ck_board_dated CHECK ((last_on >= first_on)),
  CONSTRAINT ck_board_has_end CHECK (((length)::text <> 'all'::text)),
  CONSTRAINT ck_board_length CHECK (((length)::text = ANY ((ARRAY['month'::character varying, 'quarter'::character varying, 'year'::character varying, 'all'::character varying, 'custom'::character varying])::text[]))),
  CONSTRAINT fk_board_frozen_by_id_person FOREIGN KEY (frozen_by_id) REFERENCES person(id),
  CONSTRAINT pk_board PRIMARY KEY (id),
  CONSTRAINT uq_board UNIQUE (kind, span_key)
);

CREATE TRIGGER board_append_only BEFORE DELETE OR UPDATE ON public.board FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER board_no_truncate BEFORE TRUNCATE ON public.board FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE board_line (
  id integer NOT NULL DEFAULT nextval('board_line_id_seq'::regclass),
  board_id integer NOT NULL,
  unit_id integer,
  person_id integer,
  community_id integer,
  minutes integer NOT NULL,
  honour integer NOT NULL,
  heads integer NOT NULL,
  took integer NOT NULL,
  middle integer NOT NULL,
  minutes_before integer,
  heads_before integer,
  CONSTRAINT ck_board_line_before CHECK (((minutes_before IS NULL) = (heads_before IS NULL))),
  CONSTRAINT ck_board_line_middle CHECK ((middle >= 0)),
  CONSTRAINT ck_board_line_subject CHECK (((unit_id IS NULL) <> (person_id IS NULL))),
  CONSTRAINT ck_board_line_took CHECK (((took >= 0) AND (took <= heads))),
  CONSTRAINT fk_board_line_board_id_board FOREIGN KEY (board_id) REFERENCES board(id),
  CONSTRAINT fk_board_line_community_id_unit FOREIGN KEY (community_id) REFERENCES unit(id),
  CONSTRAINT fk_board_line_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_board_line_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_board_line PRIMARY KEY (id),
  CONSTRAINT uq_board_line_person UNIQUE (board_id, person_id),
  CONSTRAINT uq_board_line_unit UNIQUE (board_id, unit_id)
);

CREATE INDEX ix_board_line_person ON public.board_line USING btree (person_id) WHERE (person_id IS NOT NULL);

CREATE TRIGGER board_line_append_only BEFORE DELETE OR UPDATE ON public.board_line FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER board_line_no_truncate BEFORE TRUNCATE ON public.board_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER board_line_published BEFORE INSERT ON public.board_line FOR EACH ROW EXECUTE FUNCTION board_line_published();

CREATE TABLE board_place (
  line_id integer NOT NULL,
  measure character varying(32) NOT NULL,
  place integer NOT NULL,
  shared boolean NOT NULL,
  before integer,
  CONSTRAINT ck_board_place_measure CHECK (((measure)::text = ANY ((ARRAY['total'::character varying, 'head'::character varying, 'rate'::character varying, 'median'::character varying, 'gain'::character varying])::text[]))),
  CONSTRAINT ck_board_place_place CHECK (((place >= 1) AND ((before IS NULL) OR (before >= 1)))),
  CONSTRAINT fk_board_place_line_id_board_line FOREIGN KEY (line_id) REFERENCES board_line(id),
  CONSTRAINT pk_board_place PRIMARY KEY (line_id, measure)
);

CREATE TRIGGER board_place_append_only BEFORE DELETE OR UPDATE ON public.board_place FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER board_place_no_truncate BEFORE TRUNCATE ON public.board_place FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE board_publication (
  board_id integer NOT NULL,
  published_at timestamp without time zone NOT NULL,
  published_by_id integer NOT NULL,
  CONSTRAINT fk_board_publication_board_id_board FOREIGN KEY (board_id) REFERENCES board(id),
  CONSTRAINT fk_board_publication_published_by_id_person FOREIGN KEY (published_by_id) REFERENCES person(id),
  CONSTRAINT pk_board_publication PRIMARY KEY (board_id)
);

CREATE TRIGGER board_publication_append_only BEFORE DELETE OR UPDATE ON public.board_publication FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER board_publication_no_truncate BEFORE TRUNCATE ON public.board_publication FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER board_publication_two_people BEFORE INSERT ON public.board_publication FOR EACH ROW EXECUTE FUNCTION board_publication_two_people();

CREATE TABLE calendar_feed (
  id integer NOT NULL DEFAULT nextval('calendar_feed_id_seq'::regclass),
  person_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  revoked_at timestamp without time zone,
  CONSTRAINT ck_calendar_feed_dated CHECK (((revoked_at IS NULL) OR (revoked_at >= made_at))),
  CONSTRAINT fk_calendar_feed_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_calendar_feed PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_calendar_feed_stands ON public.calendar_feed USING btree (person_id) WHERE (revoked_at IS NULL);

CREATE TABLE certificate (
  id integer NOT NULL DEFAULT nextval('certificate_id_seq'::regclass),
  request_id integer NOT NULL,
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  year integer NOT NULL,
  seq integer NOT NULL,
  number character varying(24) NOT NULL,
  token character varying(32) NOT NULL,
  content text NOT NULL,
  digest character varying(64) NOT NULL,
  issued_at timestamp without time zone NOT NULL,
  issued_by_id integer NOT NULL,
  replaces_id integer,
  shown_as_id integer,
  CONSTRAINT ck_certificate_digest CHECK ((length((digest)::text) = 64)),
  CONSTRAINT ck_certificate_not_for_oneself CHECK ((issued_by_id <> person_id)),
  CONSTRAINT ck_certificate_seq CHECK ((seq > 0)),
  CONSTRAINT ck_certificate_token CHECK ((length((token)::text) >= 22)),
  CONSTRAINT fk_certificate_issued_by_id_person FOREIGN KEY (issued_by_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_replaces_id_certificate FOREIGN KEY (replaces_id) REFERENCES certificate(id),
  CONSTRAINT fk_certificate_request_id_certificate_request FOREIGN KEY (request_id) REFERENCES certificate_request(id),
  CONSTRAINT fk_certificate_shown_as_id_certificate FOREIGN KEY (shown_as_id) REFERENCES certificate(id),
  CONSTRAINT fk_certificate_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_certificate PRIMARY KEY (id),
  CONSTRAINT uq_certificate_number UNIQUE (number),
  CONSTRAINT uq_certificate_replaces_id UNIQUE (replaces_id),
  CONSTRAINT uq_certificate_request_id UNIQUE (request_id),
  CONSTRAINT uq_certificate_token UNIQUE (token),
  CONSTRAINT uq_certificate_unit_id_year_seq UNIQUE (unit_id, year, seq)
);

CREATE INDEX ix_certificate_person_id ON public.certificate USING btree (person_id);

CREATE TRIGGER certificate_append_only BEFORE DELETE OR UPDATE ON public.certificate FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER certificate_no_truncate BEFORE TRUNCATE ON public.certificate FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER certificate_rule_1 BEFORE INSERT ON public.certificate FOR EACH ROW EXECUTE FUNCTION certificate_rule_1();

CREATE TRIGGER certificate_rule_2 BEFORE INSERT ON public.certificate FOR EACH ROW EXECUTE FUNCTION certificate_rule_2();

CREATE TRIGGER certificate_rule_3 BEFORE INSERT ON public.certificate FOR EACH ROW EXECUTE FUNCTION certificate_rule_3();

CREATE TABLE certificate_batch (
  id integer NOT NULL DEFAULT nextval('certificate_batch_id_seq'::regclass),
  unit_id integer NOT NULL,
  since date NOT NULL,
  until date NOT NULL,
  purpose character varying(60) NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  CONSTRAINT fk_certificate_batch_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_batch_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_certificate_batch PRIMARY KEY (id)
);

CREATE INDEX ix_certificate_batch_unit_id ON public.certificate_batch USING btree (unit_id);

CREATE TABLE certificate_counter (
  unit_id integer NOT NULL,
  year integer NOT NULL,
  last integer NOT NULL,
  CONSTRAINT ck_certificate_counter_last CHECK ((last > 0)),
  CONSTRAINT fk_certificate_counter_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_certificate_counter PRIMARY KEY (unit_id, year)
);

CREATE TABLE certificate_request (
  id integer NOT NULL DEFAULT nextval('certificate_request_id_seq'::regclass),
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  batch_id integer,
  replaces_id integer,
  since date NOT NULL,
  until date NOT NULL,
  purpose character varying(60) NOT NULL,
  document_kind character varying(32),
  document_masked character varying(40) NOT NULL DEFAULT ''::character varying,
  document_hash character varying(64) NOT NULL DEFAULT ''::character varying,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  contact character varying(40) NOT NULL DEFAULT ''::character varying,
  notes character varying(200) NOT NULL DEFAULT ''::character varying,
  accepted_at timestamp without time zone,
  accepted_by_id integer,
  issued_at timestamp without time zone,
  ended_at timestamp without time zone,
  ended_by_id integer,
  ending character varying(32),
  end_reason character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_certificate_request_accepted CHECK (((accepted_at IS NULL) = (accepted_by_id IS NULL))),
  CONSTRAINT ck_certificate_request_contact CHECK (((accepted_at IS NULL) OR ((contact)::text <> ''::text))),
  CONSTRAINT ck_certificate_request_document CHECK ((((document_kind IS NULL) = ((document_masked)::text = ''::text)) AND ((document_kind IS NULL) = ((document_hash)::text = ''::text)))),
  CONSTRAINT ck_certificate_request_documentkind CHECK (((document_kind)::text = ANY ((ARRAY['id_card'::character varying, 'passport'::character varying, 'hk_macao'::character varying, 'taiwan'::character varying])::text[]))),
  CONSTRAINT ck_certificate_request_end_reason CHECK ((((ending)::text <> 'returned'::text) OR ((end_reason)::text <> ''::text))),
  CONSTRAINT ck_certificate_request_ended CHECK ((((ended_at IS NULL) = (ending IS NULL)) AND ((ended_at IS NULL) = (ended_by_id IS NULL)))),
  CONSTRAINT ck_certificate_request_ending CHECK (((ending)::text = ANY ((ARRAY['returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_certificate_request_issued CHECK (((issued_at IS NULL) OR ((accepted_at IS NOT NULL) AND (ended_at IS NULL)))),
  CONSTRAINT ck_certificate_request_not_for_oneself CHECK (((accepted_by_id IS NULL) OR (accepted_by_id <> person_id))),
  CONSTRAINT ck_certificate_request_period CHECK ((until >= since)),
  CONSTRAINT fk_certificate_request_accepted_by_id_person FOREIGN KEY (accepted_by_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_request_batch_id_certificate_batch FOREIGN KEY (batch_id) REFERENCES certificate_batch(id),
  CONSTRAINT fk_certificate_request_ended_by_id_person FOREIGN KEY (ended_by_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_request_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_request_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_request_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_certificate_request PRIMARY KEY (id)
);

CREATE INDEX ix_certificate_request_batch_id ON public.certificate_request USING btree (batch_id);

CREATE INDEX ix_certificate_request_person ON public.certificate_request USING btree (person_id, made_at);

CREATE INDEX ix_certificate_request_unit ON public.certificate_request USING btree (unit_id, issued_at, ended_at);

CREATE UNIQUE INDEX uq_certificate_request_open ON public.certificate_request USING btree (person_id, unit_id, since, until) WHERE ((ended_at IS NULL) AND (issued_at IS NULL));

CREATE TRIGGER certificate_request_rule_4 BEFORE UPDATE OF id, person_id, unit_id, batch_id, replaces_id, since, until, made_by_id, made_at, accepted_at, accepted_by_id, issued_at, ended_at, ended_by_id, ending ON public.certificate_request FOR EACH ROW EXECUTE FUNCTION certificate_request_rule_4();

CREATE TRIGGER certificate_request_rule_5 BEFORE DELETE ON public.certificate_request FOR EACH ROW EXECUTE FUNCTION certificate_request_rule_5();

CREATE TRIGGER certificate_request_words BEFORE UPDATE OF purpose, document_kind, document_masked, document_hash, contact, notes, end_reason ON public.certificate_request FOR EACH ROW EXECUTE FUNCTION certificate_request_words();

CREATE TABLE certificate_revocation (
  id integer NOT NULL DEFAULT nextval('certificate_revocation_id_seq'::regclass),
  certificate_id integer NOT NULL,
  unit_id integer NOT NULL,
  reason character varying(200) NOT NULL,
  asked_by_id integer NOT NULL,
  asked_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_certificate_revocation_answer CHECK ((((verdict)::text <> 'refused'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_certificate_revocation_certificateverdict CHECK (((verdict)::text = ANY ((ARRAY['confirmed'::character varying, 'refused'::character varying])::text[]))),
  CONSTRAINT ck_certificate_revocation_decided CHECK ((((decided_at IS NULL) = (verdict IS NULL)) AND ((decided_at IS NULL) = (decided_by_id IS NULL)))),
  CONSTRAINT ck_certificate_revocation_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_certificate_revocation_two_people CHECK (((decided_by_id IS NULL) OR (decided_by_id <> asked_by_id))),
  CONSTRAINT fk_certificate_revocation_asked_by_id_person FOREIGN KEY (asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_revocation_certificate_id_certificate FOREIGN KEY (certificate_id) REFERENCES certificate(id),
  CONSTRAINT fk_certificate_revocation_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_certificate_revocation_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_certificate_revocation PRIMARY KEY (id)
);

CREATE INDEX ix_certificate_revocation_unit ON public.certificate_revocation USING btree (unit_id, decided_at);

CREATE UNIQUE INDEX uq_certificate_revocation_standing ON public.certificate_revocation USING btree (certificate_id) WHERE ((verdict IS NULL) OR ((verdict)::text = 'confirmed'::text));

CREATE TRIGGER certificate_revocation_rule_6 BEFORE UPDATE ON public.certificate_revocation FOR EACH ROW EXECUTE FUNCTION certificate_revocation_rule_6();

CREATE TRIGGER certificate_revocation_rule_7 BEFORE UPDATE ON public.certificate_revocation FOR EACH ROW EXECUTE FUNCTION certificate_revocation_rule_7();

CREATE TRIGGER certificate_revocation_rule_8 BEFORE DELETE ON public.certificate_revocation FOR EACH ROW EXECUTE FUNCTION certificate_revocation_rule_8();

CREATE TABLE claim (
  id bigint NOT NULL DEFAULT nextval('claim_id_seq'::regclass),
  batch_id integer NOT NULL,
  person_id integer NOT NULL,
  in_at timestamp without time zone NOT NULL,
  out_at timestamp without time zone NOT NULL,
  attendance_id bigint,
  skipped character varying(60) NOT NULL DEFAULT ''::character varying,
  open_shift_id integer,
  returned character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_claim_out_after_in CHECK ((out_at > in_at)),
  CONSTRAINT ck_claim_returned CHECK ((((returned)::text = ''::text) OR ((attendance_id IS NULL) AND ((skipped)::text = ''::text)))),
  CONSTRAINT fk_claim_attendance_id_attendance FOREIGN KEY (attendance_id) REFERENCES attendance(id),
  CONSTRAINT fk_claim_batch_id_claim_batch FOREIGN KEY (batch_id) REFERENCES claim_batch(id),
  CONSTRAINT fk_claim_open_shift_id_shift FOREIGN KEY (open_shift_id) REFERENCES shift(id),
  CONSTRAINT fk_claim_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_claim PRIMARY KEY (id),
  CONSTRAINT uq_claim_attendance_id UNIQUE (attendance_id),
  CONSTRAINT uq_claim_batch_id_person_id UNIQUE (batch_id, person_id)
);

CREATE INDEX ix_claim_person_id ON public.claim USING btree (person_id);

CREATE UNIQUE INDEX uq_claim_open ON public.claim USING btree (open_shift_id, person_id);

CREATE TABLE claim_batch (
  id integer NOT NULL DEFAULT nextval('claim_batch_id_seq'::regclass),
  kind character varying(32) NOT NULL,
  shift_id integer NOT NULL,
  unit_id integer NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  note character varying(200) NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  waits_since timestamp without time zone,
  withdrawn_at timestamp without time zone,
  CONSTRAINT ck_claim_batch_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_claim_batch_batchkind CHECK (((kind)::text = ANY ((ARRAY['ticked'::character varying, 'paper'::character varying, 'own'::character varying])::text[]))),
  CONSTRAINT ck_claim_batch_decided CHECK (((decided_at IS NULL) = (verdict IS NULL))),
  CONSTRAINT ck_claim_batch_two_people CHECK (((decided_by_id IS NULL) OR (decided_by_id <> made_by_id))),
  CONSTRAINT ck_claim_batch_verdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying])::text[]))),
  CONSTRAINT ck_claim_batch_withdrawn CHECK (((withdrawn_at IS NULL) OR (decided_at IS NULL))),
  CONSTRAINT fk_claim_batch_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_claim_batch_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_claim_batch_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift(id),
  CONSTRAINT fk_claim_batch_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_claim_batch PRIMARY KEY (id)
);

CREATE INDEX ix_claim_batch_made_by ON public.claim_batch USING btree (made_by_id, made_at);

CREATE INDEX ix_claim_batch_unit ON public.claim_batch USING btree (unit_id, decided_at);

CREATE TRIGGER claim_batch_final BEFORE UPDATE OF decided_at, verdict, withdrawn_at ON public.claim_batch FOR EACH ROW EXECUTE FUNCTION refuse_second_verdict();

CREATE TRIGGER claim_batch_not_for_oneself BEFORE UPDATE ON public.claim_batch FOR EACH ROW EXECUTE FUNCTION refuse_own_claim();

CREATE TRIGGER claim_batch_proven BEFORE UPDATE ON public.claim_batch FOR EACH ROW EXECUTE FUNCTION refuse_unproven_claim();

CREATE TRIGGER claim_batch_settled AFTER UPDATE OF decided_at, withdrawn_at ON public.claim_batch FOR EACH ROW WHEN (((new.decided_at IS NOT NULL) OR (new.withdrawn_at IS NOT NULL))) EXECUTE FUNCTION settle_claims();

CREATE TABLE claim_photo (
  id integer NOT NULL DEFAULT nextval('claim_photo_id_seq'::regclass),
  batch_id integer NOT NULL,
  slot integer NOT NULL,
  name character varying(32) NOT NULL,
  digest character varying(64) NOT NULL,
  width integer NOT NULL,
  height integer NOT NULL,
  added_at timestamp without time zone NOT NULL,
  removed_at timestamp without time zone,
  CONSTRAINT ck_claim_photo_size CHECK ((((width >= 1) AND (width <= 1600)) AND ((height >= 1) AND (height <= 1600)))),
  CONSTRAINT ck_claim_photo_slot CHECK (((slot >= 1) AND (slot <= 3))),
  CONSTRAINT fk_claim_photo_batch_id_claim_batch FOREIGN KEY (batch_id) REFERENCES claim_batch(id),
  CONSTRAINT pk_claim_photo PRIMARY KEY (id),
  CONSTRAINT uq_claim_photo_batch_id_digest UNIQUE (batch_id, digest),
  CONSTRAINT uq_claim_photo_batch_id_slot UNIQUE (batch_id, slot),
  CONSTRAINT uq_claim_photo_name UNIQUE (name)
);

CREATE TABLE claim_witness (
  batch_id integer NOT NULL,
  person_id integer NOT NULL,
  asked_at timestamp without time zone NOT NULL,
  answered_at timestamp without time zone,
  says character varying(32),
  CONSTRAINT ck_claim_witness_answered CHECK (((answered_at IS NULL) = (says IS NULL))),
  CONSTRAINT ck_claim_witness_says CHECK (((says)::text = ANY ((ARRAY['yes'::character varying, 'no'::character varying])::text[]))),
  CONSTRAINT fk_claim_witness_batch_id_claim_batch FOREIGN KEY (batch_id) REFERENCES claim_batch(id),
  CONSTRAINT fk_claim_witness_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_claim_witness PRIMARY KEY (batch_id)
);

CREATE INDEX ix_claim_witness_person_id ON public.claim_witness USING btree (person_id);

CREATE TRIGGER claim_witness_not_oneself BEFORE INSERT ON public.claim_witness FOR EACH ROW EXECUTE FUNCTION refuse_own_witness();

CREATE TABLE confirmed_pack (
  id integer NOT NULL DEFAULT nextval('confirmed_pack_id_seq'::regclass),
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  stage character varying(32) NOT NULL,
  began_on date NOT NULL,
  nth integer NOT NULL,
  set_id integer NOT NULL,
  reached_on date NOT NULL,
  confirmed_at timestamp without time zone NOT NULL,
  confirmed_by_id integer NOT NULL,
  content text NOT NULL,
  digest character varying(64) NOT NULL,
  CONSTRAINT ck_confirmed_pack_digest CHECK ((length((digest)::text) = 64)),
  CONSTRAINT ck_confirmed_pack_nth CHECK ((nth > 0)),
  CONSTRAINT ck_confirmed_pack_stagekind CHECK (((stage)::text = ANY ((ARRAY['masses'::character varying, 'applicant'::character varying, 'activist'::character varying, 'candidate'::character varying, 'probationary'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT ck_confirmed_pack_two_people CHECK ((confirmed_by_id <> person_id)),
  CONSTRAINT fk_confirmed_pack_confirmed_by_id_person FOREIGN KEY (confirmed_by_id) REFERENCES person(id),
  CONSTRAINT fk_confirmed_pack_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_confirmed_pack_set_id_requirement_set FOREIGN KEY (set_id) REFERENCES requirement_set(id),
  CONSTRAINT fk_confirmed_pack_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_confirmed_pack PRIMARY KEY (id),
  CONSTRAINT uq_confirmed_pack_person_id_stage_began_on_nth UNIQUE (person_id, stage, began_on, nth)
);

CREATE INDEX ix_confirmed_pack_unit ON public.confirmed_pack USING btree (unit_id, confirmed_at);

CREATE TRIGGER confirmed_pack_append_only BEFORE DELETE OR UPDATE ON public.confirmed_pack FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER confirmed_pack_no_truncate BEFORE TRUNCATE ON public.confirmed_pack FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER confirmed_pack_one_stands BEFORE INSERT ON public.confirmed_pack FOR EACH ROW EXECUTE FUNCTION confirmed_pack_one_stands();

CREATE TABLE consent (
  id integer NOT NULL DEFAULT nextval('consent_id_seq'::regclass),
  person_id integer NOT NULL,
  kind character varying(32) NOT NULL,
  given_at timestamp without time zone NOT NULL,
  withdrawn_at timestamp without time zone,
  CONSTRAINT ck_consent_consentkind CHECK (((kind)::text = ANY ((ARRAY['personal_board'::character varying, 'named_credit'::character varying, 'big_screen'::character varying, 'contact'::character varying])::text[]))),
  CONSTRAINT fk_consent_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_consent PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_consent_given ON public.consent USING btree (person_id, kind) WHERE (withdrawn_at IS NULL);

CREATE TRIGGER consent_of_who_is_erased BEFORE INSERT ON public.consent FOR EACH ROW EXECUTE FUNCTION consent_of_who_is_erased();

CREATE TABLE departure (
  id integer NOT NULL DEFAULT nextval('departure_id_seq'::regclass),
  person_id integer NOT NULL,
  membership_id integer NOT NULL,
  from_id integer NOT NULL,
  to_id integer,
  reason character varying(32),
  note character varying(100) NOT NULL DEFAULT ''::character varying,
  left_on date NOT NULL,
  ended json NOT NULL,
  recorded_on date NOT NULL,
  recorded_by_id integer NOT NULL,
  taken_back_on date,
  taken_back_by_id integer,
  CONSTRAINT ck_departure_dated CHECK ((left_on <= recorded_on)),
  CONSTRAINT ck_departure_reason CHECK (((reason)::text = ANY ((ARRAY['moved'::character varying, 'died'::character varying, 'left_party'::character varying])::text[]))),
  CONSTRAINT ck_departure_taken_back CHECK (((taken_back_on IS NULL) = (taken_back_by_id IS NULL))),
  CONSTRAINT ck_departure_whither CHECK (((to_id IS NULL) = (reason IS NOT NULL))),
  CONSTRAINT fk_departure_from_id_unit FOREIGN KEY (from_id) REFERENCES unit(id),
  CONSTRAINT fk_departure_membership_id_membership FOREIGN KEY (membership_id) REFERENCES membership(id),
  CONSTRAINT fk_departure_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_departure_recorded_by_id_person FOREIGN KEY (recorded_by_id) REFERENCES person(id),
  CONSTRAINT fk_departure_taken_back_by_id_person FOREIGN KEY (taken_back_by_id) REFERENCES person(id),
  CONSTRAINT fk_departure_to_id_unit FOREIGN KEY (to_id) REFERENCES unit(id),
  CONSTRAINT pk_departure PRIMARY KEY (id)
);

CREATE INDEX ix_departure_from ON public.departure USING btree (from_id, recorded_on);

CREATE INDEX ix_departure_person ON public.departure USING btree (person_id);

CREATE UNIQUE INDEX uq_departure_stands ON public.departure USING btree (membership_id) WHERE (taken_back_on IS NULL);

CREATE TABLE dispute (
  id integer NOT NULL DEFAULT nextval('dispute_id_seq'::regclass),
  person_id integer NOT NULL,
  attendance_id bigint,
  unit_id integer NOT NULL,
  said character varying(300) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  answer character varying(300) NOT NULL DEFAULT ''::character varying,
  answered_at timestamp without time zone,
  answered_by_id integer,
  due_on date,
  acknowledged_at timestamp without time zone,
  acknowledged_by_id integer,
  outcome character varying(32),
  entry_id bigint,
  CONSTRAINT ck_dispute_acknowledged CHECK (((acknowledged_at IS NULL) = (acknowledged_by_id IS NULL))),
  CONSTRAINT ck_dispute_acknowledged_by_another CHECK (((acknowledged_by_id IS NULL) OR (acknowledged_by_id <> person_id))),
  CONSTRAINT ck_dispute_answered CHECK (((answered_at IS NULL) = (answered_by_id IS NULL))),
  CONSTRAINT ck_dispute_of_one CHECK (((attendance_id IS NULL) <> (entry_id IS NULL))),
  CONSTRAINT ck_dispute_outcome CHECK (((outcome)::text = ANY ((ARRAY['upheld'::character varying, 'corrected'::character varying, 'voided'::character varying])::text[]))),
  CONSTRAINT ck_dispute_outcome_answered CHECK (((outcome IS NULL) OR (answered_at IS NOT NULL))),
  CONSTRAINT ck_dispute_two_people CHECK (((answered_by_id IS NULL) OR (answered_by_id <> person_id))),
  CONSTRAINT fk_dispute_acknowledged_by_id_person FOREIGN KEY (acknowledged_by_id) REFERENCES person(id),
  CONSTRAINT fk_dispute_answered_by_id_person FOREIGN KEY (answered_by_id) REFERENCES person(id),
  CONSTRAINT fk_dispute_attendance_id_attendance FOREIGN KEY (attendance_id) REFERENCES attendance(id),
  CONSTRAINT fk_dispute_entry_id_hour_entry FOREIGN KEY (entry_id) REFERENCES hour_entry(id),
  CONSTRAINT fk_dispute_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_dispute_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_dispute PRIMARY KEY (id)
);

CREATE INDEX ix_dispute_person_id ON public.dispute USING btree (person_id);

CREATE INDEX ix_dispute_unit ON public.dispute USING btree (unit_id, answered_at);

CREATE UNIQUE INDEX uq_dispute_open ON public.dispute USING btree (attendance_id) WHERE (answered_at IS NULL);

CREATE UNIQUE INDEX uq_dispute_open_entry ON public.dispute USING btree (entry_id) WHERE ((answered_at IS NULL) AND (entry_id IS NOT NULL));

CREATE TRIGGER dispute_two_hands BEFORE UPDATE ON public.dispute FOR EACH ROW EXECUTE FUNCTION dispute_two_hands();

CREATE TABLE dispute_aside (
  dispute_id integer NOT NULL,
  person_id integer NOT NULL,
  CONSTRAINT fk_dispute_aside_dispute_id_dispute FOREIGN KEY (dispute_id) REFERENCES dispute(id),
  CONSTRAINT fk_dispute_aside_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_dispute_aside PRIMARY KEY (dispute_id, person_id)
);

CREATE TABLE door_rule (
  activity_id integer NOT NULL,
  day_code_at timestamp without time zone,
  latitude_e6 integer,
  longitude_e6 integer,
  metres integer,
  changed_at timestamp without time zone NOT NULL,
  changed_by_id integer NOT NULL,
  CONSTRAINT ck_door_rule_fence CHECK ((((latitude_e6 IS NULL) = (metres IS NULL)) AND ((longitude_e6 IS NULL) = (metres IS NULL)))),
  CONSTRAINT ck_door_rule_latitude CHECK (((latitude_e6 >= '-90000000'::integer) AND (latitude_e6 <= 90000000))),
  CONSTRAINT ck_door_rule_longitude CHECK (((longitude_e6 >= '-180000000'::integer) AND (longitude_e6 <= 180000000))),
  CONSTRAINT ck_door_rule_metres CHECK (((metres >= 50) AND (metres <= 2000))),
  CONSTRAINT fk_door_rule_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_door_rule_changed_by_id_person FOREIGN KEY (changed_by_id) REFERENCES person(id),
  CONSTRAINT pk_door_rule PRIMARY KEY (activity_id)
);

CREATE TABLE erasure_entry (
  id bigint NOT NULL DEFAULT nextval('erasure_entry_id_seq'::regclass),
  person_id integer NOT NULL,
  recorded_at timestamp without time zone NOT NULL,
  erased_at timestamp without time zone NOT NULL,
  request_id integer,
  CONSTRAINT fk_erasure_entry_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_erasure_entry_request_id_rights_request FOREIGN KEY (request_id) REFERENCES rights_request(id),
  CONSTRAINT pk_erasure_entry PRIMARY KEY (id),
  CONSTRAINT uq_erasure_entry_person_id UNIQUE (person_id)
);

CREATE TRIGGER erasure_entry_append_only BEFORE DELETE OR UPDATE ON public.erasure_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER erasure_entry_no_truncate BEFORE TRUNCATE ON public.erasure_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE feedback_entry (
  id bigint NOT NULL DEFAULT nextval('feedback_entry_id_seq'::regclass),
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  half character varying(7) NOT NULL,
  version integer NOT NULL,
  grade character varying(32) NOT NULL,
  words character varying(200) NOT NULL DEFAULT ''::character varying,
  reason character varying(200) NOT NULL DEFAULT ''::character varying,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  CONSTRAINT ck_feedback_entry_grade CHECK (((grade)::text = ANY ((ARRAY['good'::character varying, 'fair'::character varying, 'plain'::character varying])::text[]))),
  CONSTRAINT ck_feedback_entry_two_people CHECK ((made_by_id <> person_id)),
  CONSTRAINT ck_feedback_entry_version CHECK (((version > 0) AND ((version = 1) OR ((reason)::text <> ''::text)))),
  CONSTRAINT fk_feedback_entry_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_feedback_entry_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_feedback_entry_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_feedback_entry PRIMARY KEY (id),
  CONSTRAINT uq_feedback_entry_person_id_half_unit_id_version UNIQUE (person_id, half, unit_id, version)
);

CREATE INDEX ix_feedback_entry_unit ON public.feedback_entry USING btree (unit_id, half);

CREATE TRIGGER feedback_entry_append_only BEFORE DELETE OR UPDATE ON public.feedback_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER feedback_entry_no_truncate BEFORE TRUNCATE ON public.feedback_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE fund_account (
  id integer NOT NULL DEFAULT nextval('fund_account_id_seq'::regclass),
  code character varying(30) NOT NULL,
  kind character varying(32) NOT NULL,
  name character varying(60) NOT NULL,
  project_id integer,
  balance bigint NOT NULL,
  purpose_id integer,
  CONSTRAINT ck_fund_account_fundaccountkind CHECK (((kind)::text = ANY ((ARRAY['outside'::character varying, 'general'::character varying, 'project'::character varying, 'restricted'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_fund_account_no_debt CHECK ((((kind)::text = 'outside'::text) OR (balance >= 0))),
  CONSTRAINT ck_fund_account_project CHECK ((((kind)::text = ANY ((ARRAY['project'::character varying, 'other'::character varying])::text[])) = (project_id IS NOT NULL))),
  CONSTRAINT ck_fund_account_purpose CHECK ((((kind)::text = 'restricted'::text) = (purpose_id IS NOT NULL))),
  CONSTRAINT fk_fund_account_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT fk_fund_account_purpose_id_fund_purpose FOREIGN KEY (purpose_id) REFERENCES fund_purpose(id),
  CONSTRAINT pk_fund_account PRIMARY KEY (id),
  CONSTRAINT uq_fund_account_code UNIQUE (code),
  CONSTRAINT uq_fund_account_project_id UNIQUE (project_id)
);

CREATE UNIQUE INDEX uq_fund_account_purpose_id ON public.fund_account USING btree (purpose_id);

CREATE TRIGGER fund_account_fixed BEFORE UPDATE OF code, project_id, purpose_id ON public.fund_account FOR EACH ROW EXECUTE FUNCTION fund_account_fixed();

CREATE TRIGGER fund_account_kept BEFORE DELETE ON public.fund_account FOR EACH ROW EXECUTE FUNCTION fund_account_kept();

CREATE TRIGGER fund_account_kind BEFORE UPDATE OF kind ON public.fund_account FOR EACH ROW EXECUTE FUNCTION fund_account_kind();

CREATE TRIGGER fund_account_made BEFORE INSERT ON public.fund_account FOR EACH ROW EXECUTE FUNCTION fund_account_made();

CREATE TABLE fund_amendment (
  id integer NOT NULL DEFAULT nextval('fund_amendment_id_seq'::regclass),
  project_id integer NOT NULL,
  number character varying(40) NOT NULL,
  signed_on date NOT NULL,
  fen bigint NOT NULL,
  reason character varying(200) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  replaced json NOT NULL,
  CONSTRAINT ck_fund_amendment_amendmentverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_fund_amendment_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_fund_amendment_decided CHECK ((((decided_at IS NULL) = (decided_by_id IS NULL)) AND ((decided_at IS NULL) = (verdict IS NULL)))),
  CONSTRAINT ck_fund_amendment_fen CHECK ((fen > 0)),
  CONSTRAINT ck_fund_amendment_two_people CHECK (((decided_by_id IS NULL) OR (((verdict)::text = 'withdrawn'::text) = (decided_by_id = made_by_id)))),
  CONSTRAINT ck_fund_amendment_words CHECK ((((number)::text <> ''::text) AND ((reason)::text <> ''::text))),
  CONSTRAINT fk_fund_amendment_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_amendment_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_amendment_project_id_fund_contract FOREIGN KEY (project_id) REFERENCES fund_contract(project_id),
  CONSTRAINT pk_fund_amendment PRIMARY KEY (id)
);

CREATE INDEX ix_fund_amendment_project_id ON public.fund_amendment USING btree (project_id);

CREATE UNIQUE INDEX uq_fund_amendment_number ON public.fund_amendment USING btree (number) WHERE ((verdict IS NULL) OR ((verdict)::text = 'approved'::text));

CREATE UNIQUE INDEX uq_fund_amendment_open ON public.fund_amendment USING btree (project_id) WHERE (decided_at IS NULL);

CREATE TRIGGER fund_amendment_decided BEFORE UPDATE ON public.fund_amendment FOR EACH ROW EXECUTE FUNCTION fund_amendment_decided();

CREATE TRIGGER fund_amendment_kept BEFORE DELETE ON public.fund_amendment FOR EACH ROW EXECUTE FUNCTION fund_amendment_kept();

CREATE TRIGGER fund_amendment_made BEFORE INSERT ON public.fund_amendment FOR EACH ROW EXECUTE FUNCTION fund_amendment_made();

CREATE TRIGGER fund_amendment_words BEFORE UPDATE OF id, project_id, number, signed_on, fen, reason, made_at, made_by_id ON public.fund_amendment FOR EACH ROW EXECUTE FUNCTION fund_amendment_words();

CREATE TABLE fund_amendment_part (
  amendment_id integer NOT NULL,
  place integer NOT NULL,
  fen bigint NOT NULL,
  due_on date NOT NULL,
  after character varying(32) NOT NULL,
  words character varying(120) NOT NULL,
  CONSTRAINT ck_fund_amendment_part_fen CHECK (((fen > 0) AND (place > 0))),
  CONSTRAINT ck_fund_amendment_part_fundamendmentafter CHECK (((after)::text = ANY ((ARRAY['start'::character varying, 'midterm'::character varying, 'final'::character varying])::text[]))),
  CONSTRAINT fk_fund_amendment_part_amendment_id_fund_amendment FOREIGN KEY (amendment_id) REFERENCES fund_amendment(id),
  CONSTRAINT pk_fund_amendment_part PRIMARY KEY (amendment_id, place)
);

CREATE TRIGGER fund_amendment_part_append_only BEFORE DELETE OR UPDATE ON public.fund_amendment_part FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_amendment_part_made BEFORE INSERT ON public.fund_amendment_part FOR EACH ROW EXECUTE FUNCTION fund_amendment_part_made();

CREATE TRIGGER fund_amendment_part_no_truncate BEFORE TRUNCATE ON public.fund_amendment_part FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE fund_budget_line (
  id integer NOT NULL DEFAULT nextval('fund_budget_line_id_seq'::regclass),
  project_id integer NOT NULL,
  place integer NOT NULL,
  name character varying(40) NOT NULL,
  fen bigint NOT NULL,
  CONSTRAINT ck_fund_budget_line_fen CHECK ((fen > 0)),
  CONSTRAINT fk_fund_budget_line_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT pk_fund_budget_line PRIMARY KEY (id),
  CONSTRAINT uq_fund_budget_line_project_id_name UNIQUE (project_id, name)
);

CREATE TRIGGER fund_budget_line_fixed BEFORE UPDATE ON public.fund_budget_line FOR EACH ROW EXECUTE FUNCTION fund_budget_line_fixed();

CREATE TRIGGER fund_budget_line_kept BEFORE DELETE ON public.fund_budget_line FOR EACH ROW EXECUTE FUNCTION fund_budget_line_kept();

CREATE TRIGGER fund_budget_line_made BEFORE INSERT ON public.fund_budget_line FOR EACH ROW EXECUTE FUNCTION fund_budget_line_made();

CREATE TABLE fund_call (
  id integer NOT NULL DEFAULT nextval('fund_call_id_seq'::regclass),
  kind character varying(32) NOT NULL,
  title character varying(60) NOT NULL,
  words character varying(2000) NOT NULL,
  opens_on date NOT NULL,
  closes_on date NOT NULL,
  cap bigint,
  need integer NOT NULL,
  fit integer NOT NULL,
  participation integer NOT NULL,
  feasibility integer NOT NULL,
  novelty integer NOT NULL,
  durability integer NOT NULL,
  budget integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  published_at timestamp without time zone,
  published_by_id integer,
  withdrawn_at timestamp without time zone,
  CONSTRAINT ck_fund_call_cap CHECK ((cap > 0)),
  CONSTRAINT ck_fund_call_dated CHECK ((closes_on >= opens_on)),
  CONSTRAINT ck_fund_call_projectkind CHECK (((kind)::text = ANY ((ARRAY['care'::character varying, 'micro'::character varying, 'wish'::character varying, 'emergency'::character varying])::text[]))),
  CONSTRAINT ck_fund_call_published CHECK (((published_at IS NULL) = (published_by_id IS NULL))),
  CONSTRAINT ck_fund_call_scored CHECK (((kind)::text = ANY ((ARRAY['care'::character varying, 'micro'::character varying])::text[]))),
  CONSTRAINT ck_fund_call_two_people CHECK (((published_by_id IS NULL) OR (published_by_id <> made_by_id))),
  CONSTRAINT ck_fund_call_weights CHECK (((need >= 0) AND (fit >= 0) AND (participation >= 0) AND (feasibility >= 0) AND (novelty >= 0) AND (durability >= 0) AND (budget >= 0) AND (((((((need + fit) + participation) + feasibility) + novelty) + durability) + budget) = 100))),
  CONSTRAINT fk_fund_call_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_call_published_by_id_person FOREIGN KEY (published_by_id) REFERENCES person(id),
  CONSTRAINT pk_fund_call PRIMARY KEY (id)
);

CREATE INDEX ix_fund_call_open ON public.fund_call USING btree (closes_on, published_at);

CREATE TRIGGER fund_call_fixed BEFORE UPDATE ON public.fund_call FOR EACH ROW EXECUTE FUNCTION fund_call_fixed();

CREATE TRIGGER fund_call_kept BEFORE DELETE ON public.fund_call FOR EACH ROW EXECUTE FUNCTION fund_call_kept();

CREATE TABLE fund_call_change (
  id integer NOT NULL DEFAULT nextval('fund_call_change_id_seq'::regclass),
  call_id integer NOT NULL,
  was_on date NOT NULL,
  closes_on date,
  reason character varying(200) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_fund_call_change_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_fund_call_change_callchangeverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_fund_call_change_decided CHECK ((((decided_at IS NULL) = (decided_by_id IS NULL)) AND ((decided_at IS NULL) = (verdict IS NULL)))),
  CONSTRAINT ck_fund_call_change_longer CHECK ((closes_on > was_on)),
  CONSTRAINT ck_fund_call_change_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_fund_call_change_two_people CHECK (((decided_by_id IS NULL) OR (((verdict)::text = 'withdrawn'::text) = (decided_by_id = made_by_id)))),
  CONSTRAINT fk_fund_call_change_call_id_fund_call FOREIGN KEY (call_id) REFERENCES fund_call(id),
  CONSTRAINT fk_fund_call_change_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_call_change_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT pk_fund_call_change PRIMARY KEY (id)
);

CREATE INDEX ix_fund_call_change_call_id ON public.fund_call_change USING btree (call_id);

CREATE UNIQUE INDEX uq_fund_call_change_open ON public.fund_call_change USING btree (call_id) WHERE (decided_at IS NULL);

CREATE TRIGGER fund_call_change_decided BEFORE UPDATE ON public.fund_call_change FOR EACH ROW EXECUTE FUNCTION fund_call_change_decided();

CREATE TRIGGER fund_call_change_kept BEFORE DELETE ON public.fund_call_change FOR EACH ROW EXECUTE FUNCTION fund_call_change_kept();

CREATE TRIGGER fund_call_change_made BEFORE INSERT ON public.fund_call_change FOR EACH ROW EXECUTE FUNCTION fund_call_change_made();

CREATE TRIGGER fund_call_change_words BEFORE UPDATE OF id, call_id, closes_on, was_on, reason, made_at, made_by_id ON public.fund_call_change FOR EACH ROW EXECUTE FUNCTION fund_call_change_words();

CREATE TABLE fund_contract (
  project_id integer NOT NULL,
  number character varying(40) NOT NULL,
  signed_on date NOT NULL,
  party character varying(80) NOT NULL,
  fen bigint NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  CONSTRAINT ck_fund_contract_fen CHECK ((fen > 0)),
  CONSTRAINT ck_fund_contract_words CHECK ((((number)::text <> ''::text) AND ((party)::text <> ''::text))),
  CONSTRAINT fk_fund_contract_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_contract_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT pk_fund_contract PRIMARY KEY (project_id),
  CONSTRAINT uq_fund_contract_number UNIQUE (number)
);

CREATE TRIGGER fund_contract_fixed BEFORE UPDATE ON public.fund_contract FOR EACH ROW EXECUTE FUNCTION fund_contract_fixed();

CREATE TRIGGER fund_contract_kept BEFORE DELETE ON public.fund_contract FOR EACH ROW EXECUTE FUNCTION fund_contract_kept();

CREATE TRIGGER fund_contract_made BEFORE INSERT ON public.fund_contract FOR EACH ROW EXECUTE FUNCTION fund_contract_made();

CREATE TABLE fund_counter (
  series character varying(40) NOT NULL,
  last bigint NOT NULL,
  CONSTRAINT pk_fund_counter PRIMARY KEY (series)
);

CREATE TABLE fund_delegation (
  id integer NOT NULL DEFAULT nextval('fund_delegation_id_seq'::regclass),
  from_id integer NOT NULL,
  to_id integer NOT NULL,
  first_on date NOT NULL,
  last_on date NOT NULL,
  reason character varying(200) NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  accepted_at timestamp without time zone,
  ended_at timestamp without time zone,
  ended_by_id integer,
  CONSTRAINT ck_fund_delegation_dated CHECK ((last_on >= first_on)),
  CONSTRAINT ck_fund_delegation_ended CHECK (((ended_at IS NULL) = (ended_by_id IS NULL))),
  CONSTRAINT ck_fund_delegation_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_fund_delegation_two_people CHECK (((from_id <> to_id) AND (made_by_id <> to_id))),
  CONSTRAINT fk_fund_delegation_ended_by_id_person FOREIGN KEY (ended_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_delegation_from_id_person FOREIGN KEY (from_id) REFERENCES person(id),
  CONSTRAINT fk_fund_delegation_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_delegation_to_id_person FOREIGN KEY (to_id) REFERENCES person(id),
  CONSTRAINT pk_fund_delegation PRIMARY KEY (id)
);

CREATE INDEX ix_fund_delegation_from ON public.fund_delegation USING btree (from_id, last_on);

CREATE INDEX ix_fund_delegation_to ON public.fund_delegation USING btree (to_id, last_on);

CREATE TRIGGER fund_delegation_fixed BEFORE UPDATE OF from_id, to_id, first_on, last_on, reason, made_by_id, made_at ON public.fund_delegation FOR EACH ROW EXECUTE FUNCTION fund_delegation_fixed();

CREATE TRIGGER fund_delegation_kept BEFORE DELETE ON public.fund_delegation FOR EACH ROW EXECUTE FUNCTION fund_delegation_kept();

CREATE TRIGGER fund_delegation_once BEFORE UPDATE OF accepted_at, ended_at, ended_by_id ON public.fund_delegation FOR EACH ROW EXECUTE FUNCTION fund_delegation_once();

CREATE TABLE fund_draft_entry (
  id bigint NOT NULL DEFAULT nextval('fund_draft_entry_id_seq'::regclass),
  project_id integer NOT NULL,
  by_id integer NOT NULL,
  at timestamp without time zone NOT NULL,
  CONSTRAINT fk_fund_draft_entry_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_draft_entry_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT pk_fund_draft_entry PRIMARY KEY (id)
);

CREATE INDEX ix_fund_draft_entry_project ON public.fund_draft_entry USING btree (project_id, by_id);

CREATE TRIGGER fund_draft_entry_append_only BEFORE DELETE OR UPDATE ON public.fund_draft_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_draft_entry_no_truncate BEFORE TRUNCATE ON public.fund_draft_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_draft_open BEFORE INSERT ON public.fund_draft_entry FOR EACH ROW EXECUTE FUNCTION fund_draft_open();

CREATE TABLE fund_file (
  id integer NOT NULL DEFAULT nextval('fund_file_id_seq'::regclass),
  request_id integer,
  project_id integer,
  kind character varying(32) NOT NULL,
  form character varying(32) NOT NULL,
  name character varying(32) NOT NULL,
  title character varying(80) NOT NULL,
  digest character varying(64) NOT NULL,
  size integer NOT NULL,
  pages integer NOT NULL,
  has_text boolean NOT NULL,
  added_at timestamp without time zone NOT NULL,
  added_by_id integer NOT NULL,
  standing character varying(32) NOT NULL,
  CONSTRAINT ck_fund_file_form CHECK ((((form)::text <> 'jpeg'::text) OR ((pages = 1) AND (NOT has_text)))),
  CONSTRAINT ck_fund_file_fundfileform CHECK (((form)::text = ANY ((ARRAY['pdf'::character varying, 'jpeg'::character varying])::text[]))),
  CONSTRAINT ck_fund_file_fundfilekind CHECK (((kind)::text = ANY ((ARRAY['invoice'::character varying, 'receipt'::character varying, 'minute'::character varying, 'contract'::character varying, 'report'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_fund_file_fundfilestanding CHECK (((standing)::text = ANY ((ARRAY['kept'::character varying, 'open'::character varying, 'struck'::character varying])::text[]))),
  CONSTRAINT ck_fund_file_of_one CHECK (((request_id IS NULL) <> (project_id IS NULL))),
  CONSTRAINT ck_fund_file_size CHECK (((size > 0) AND (pages > 0))),
  CONSTRAINT ck_fund_file_title CHECK (((title)::text <> ''::text)),
  CONSTRAINT fk_fund_file_added_by_id_person FOREIGN KEY (added_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_file_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT fk_fund_file_request_id_fund_request FOREIGN KEY (request_id) REFERENCES fund_request(id),
  CONSTRAINT pk_fund_file PRIMARY KEY (id),
  CONSTRAINT uq_fund_file_name UNIQUE (name)
);

CREATE INDEX ix_fund_file_project ON public.fund_file USING btree (project_id);

CREATE INDEX ix_fund_file_request ON public.fund_file USING btree (request_id);

CREATE UNIQUE INDEX uq_fund_file_project ON public.fund_file USING btree (project_id, digest) WHERE ((standing)::text <> 'struck'::text);

CREATE UNIQUE INDEX uq_fund_file_request ON public.fund_file USING btree (request_id, digest) WHERE ((standing)::text <> 'struck'::text);

CREATE TRIGGER fund_file_fixed BEFORE UPDATE OF request_id, project_id, kind, form, name, title, digest, size, pages, has_text, added_at, added_by_id ON public.fund_file FOR EACH ROW EXECUTE FUNCTION fund_file_fixed();

CREATE TRIGGER fund_file_kept BEFORE DELETE ON public.fund_file FOR EACH ROW EXECUTE FUNCTION fund_file_kept();

CREATE TABLE fund_file_step_entry (
  id bigint NOT NULL DEFAULT nextval('fund_file_step_entry_id_seq'::regclass),
  file_id integer NOT NULL,
  seq integer NOT NULL,
  step character varying(32) NOT NULL,
  at timestamp without time zone NOT NULL,
  by_id integer NOT NULL,
  note character varying(200) NOT NULL,
  CONSTRAINT ck_fund_file_step_entry_fundfilestep CHECK (((step)::text = ANY ((ARRAY['opened'::character varying, 'closed'::character varying, 'struck'::character varying])::text[]))),
  CONSTRAINT ck_fund_file_step_entry_note CHECK ((((step)::text = 'opened'::text) OR ((note)::text <> ''::text))),
  CONSTRAINT fk_fund_file_step_entry_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_file_step_entry_file_id_fund_file FOREIGN KEY (file_id) REFERENCES fund_file(id),
  CONSTRAINT pk_fund_file_step_entry PRIMARY KEY (id),
  CONSTRAINT uq_fund_file_step_entry_file_id_seq UNIQUE (file_id, seq)
);

CREATE TRIGGER fund_file_order BEFORE INSERT ON public.fund_file_step_entry FOR EACH ROW EXECUTE FUNCTION fund_file_order();

CREATE TRIGGER fund_file_state AFTER INSERT ON public.fund_file_step_entry FOR EACH ROW EXECUTE FUNCTION fund_file_state();

CREATE TRIGGER fund_file_step_entry_append_only BEFORE DELETE OR UPDATE ON public.fund_file_step_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_file_step_entry_no_truncate BEFORE TRUNCATE ON public.fund_file_step_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE fund_instalment (
  id integer NOT NULL DEFAULT nextval('fund_instalment_id_seq'::regclass),
  project_id integer NOT NULL,
  place integer NOT NULL,
  fen bigint NOT NULL,
  due_on date NOT NULL,
  after character varying(32) NOT NULL,
  words character varying(120) NOT NULL,
  dropped_by_id integer,
  CONSTRAINT ck_fund_instalment_fen CHECK (((fen > 0) AND (place > 0))),
  CONSTRAINT ck_fund_instalment_fundinstalmentafter CHECK (((after)::text = ANY ((ARRAY['start'::character varying, 'midterm'::character varying, 'final'::character varying])::text[]))),
  CONSTRAINT fk_fund_instalment_dropped_by_id_fund_amendment FOREIGN KEY (dropped_by_id) REFERENCES fund_amendment(id),
  CONSTRAINT fk_fund_instalment_project_id_fund_contract FOREIGN KEY (project_id) REFERENCES fund_contract(project_id),
  CONSTRAINT pk_fund_instalment PRIMARY KEY (id),
  CONSTRAINT uq_fund_instalment_project_id_place UNIQUE (project_id, place)
);

CREATE TRIGGER fund_instalment_fixed BEFORE UPDATE ON public.fund_instalment FOR EACH ROW EXECUTE FUNCTION fund_instalment_fixed();

CREATE TRIGGER fund_instalment_kept BEFORE DELETE ON public.fund_instalment FOR EACH ROW EXECUTE FUNCTION fund_instalment_kept();

CREATE TRIGGER fund_instalment_made BEFORE INSERT ON public.fund_instalment FOR EACH ROW EXECUTE FUNCTION fund_instalment_made();

CREATE TABLE fund_movement_entry (
  id bigint NOT NULL DEFAULT nextval('fund_movement_entry_id_seq'::regclass),
  voucher_no bigint NOT NULL,
  line_no integer NOT NULL,
  kind character varying(32) NOT NULL,
  from_account_id integer NOT NULL,
  to_account_id integer NOT NULL,
  fen bigint NOT NULL,
  budget_line_id integer,
  request_id integer NOT NULL,
  booked_on date NOT NULL,
  booked_at timestamp without time zone NOT NULL,
  memo character varying(300) NOT NULL,
  made_by_id integer NOT NULL,
  approved_by_id integer NOT NULL,
  reverses_id bigint,
  CONSTRAINT ck_fund_movement_entry_explanation CHECK (((reverses_id IS NULL) OR ((memo)::text <> ''::text))),
  CONSTRAINT ck_fund_movement_entry_fen CHECK ((fen > 0)),
  CONSTRAINT ck_fund_movement_entry_fundmovementkind CHECK (((kind)::text = ANY ((ARRAY['opening'::character varying, 'donation'::character varying, 'grant'::character varying, 'spending'::character varying, 'refund'::character varying, 'return'::character varying, 'transfer'::character varying])::text[]))),
  CONSTRAINT ck_fund_movement_entry_line CHECK ((((kind)::text <> 'spending'::text) OR (budget_line_id IS NOT NULL))),
  CONSTRAINT ck_fund_movement_entry_numbers CHECK (((voucher_no > 0) AND (line_no > 0))),
  CONSTRAINT ck_fund_movement_entry_two_accounts CHECK ((from_account_id <> to_account_id)),
  CONSTRAINT ck_fund_movement_entry_two_people CHECK ((approved_by_id <> made_by_id)),
  CONSTRAINT fk_fund_movement_entry_approved_by_id_person FOREIGN KEY (approved_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_movement_entry_budget_line_id_fund_budget_line FOREIGN KEY (budget_line_id) REFERENCES fund_budget_line(id),
  CONSTRAINT fk_fund_movement_entry_from_account_id_fund_account FOREIGN KEY (from_account_id) REFERENCES fund_account(id),
  CONSTRAINT fk_fund_movement_entry_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_movement_entry_request_id_fund_request FOREIGN KEY (request_id) REFERENCES fund_request(id),
  CONSTRAINT fk_fund_movement_entry_reverses_id_fund_movement_entry FOREIGN KEY (reverses_id) REFERENCES fund_movement_entry(id),
  CONSTRAINT fk_fund_movement_entry_to_account_id_fund_account FOREIGN KEY (to_account_id) REFERENCES fund_account(id),
  CONSTRAINT pk_fund_movement_entry PRIMARY KEY (id),
  CONSTRAINT uq_fund_movement_entry_request_id_line_no UNIQUE (request_id, line_no),
  CONSTRAINT uq_fund_movement_entry_reverses_id UNIQUE (reverses_id),
  CONSTRAINT uq_fund_movement_entry_voucher_no_line_no UNIQUE (voucher_no, line_no)
);

CREATE INDEX ix_fund_movement_entry_day ON public.fund_movement_entry USING btree (booked_on, voucher_no);

CREATE INDEX ix_fund_movement_entry_from ON public.fund_movement_entry USING btree (from_account_id, booked_on);

CREATE INDEX ix_fund_movement_entry_line ON public.fund_movement_entry USING btree (budget_line_id);

CREATE INDEX ix_fund_movement_entry_reverses ON public.fund_movement_entry USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);

CREATE INDEX ix_fund_movement_entry_to ON public.fund_movement_entry USING btree (to_account_id, booked_on);

CREATE TRIGGER fund_movement_books AFTER INSERT ON public.fund_movement_entry FOR EACH ROW EXECUTE FUNCTION fund_movement_books();

CREATE TRIGGER fund_movement_closed BEFORE INSERT ON public.fund_movement_entry FOR EACH ROW EXECUTE FUNCTION fund_movement_closed();

CREATE TRIGGER fund_movement_entry_append_only BEFORE DELETE OR UPDATE ON public.fund_movement_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_movement_entry_no_truncate BEFORE TRUNCATE ON public.fund_movement_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_movement_moves BEFORE INSERT ON public.fund_movement_entry FOR EACH ROW EXECUTE FUNCTION fund_movement_moves();

CREATE TRIGGER fund_movement_order BEFORE INSERT ON public.fund_movement_entry FOR EACH ROW EXECUTE FUNCTION fund_movement_order();

CREATE TABLE fund_photo (
  id integer NOT NULL DEFAULT nextval('fund_photo_id_seq'::regclass),
  pair_id integer NOT NULL,
  side character varying(32) NOT NULL,
  name character varying(32) NOT NULL,
  digest character varying(64) NOT NULL,
  alt character varying(80) NOT NULL,
  taken_on date NOT NULL,
  width integer NOT NULL,
  height integer NOT NULL,
  added_at timestamp without time zone NOT NULL,
  added_by_id integer NOT NULL,
  standing character varying(32) NOT NULL,
  CONSTRAINT ck_fund_photo_alt CHECK (((alt)::text <> ''::text)),
  CONSTRAINT ck_fund_photo_fundphotoside CHECK (((side)::text = ANY ((ARRAY['before'::character varying, 'after'::character varying])::text[]))),
  CONSTRAINT ck_fund_photo_fundphotostanding CHECK (((standing)::text = ANY ((ARRAY['inside'::character varying, 'open'::character varying, 'withdrawn'::character varying, 'removed'::character varying])::text[]))),
  CONSTRAINT ck_fund_photo_size CHECK ((((width >= 1) AND (width <= 1600)) AND ((height >= 1) AND (height <= 1600)))),
  CONSTRAINT fk_fund_photo_added_by_id_person FOREIGN KEY (added_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_photo_pair_id_fund_photo_pair FOREIGN KEY (pair_id) REFERENCES fund_photo_pair(id),
  CONSTRAINT pk_fund_photo PRIMARY KEY (id),
  CONSTRAINT uq_fund_photo_name UNIQUE (name)
);

CREATE UNIQUE INDEX uq_fund_photo_side ON public.fund_photo USING btree (pair_id, side) WHERE ((standing)::text = ANY ((ARRAY['inside'::character varying, 'open'::character varying])::text[]));

CREATE TRIGGER fund_photo_fixed BEFORE UPDATE OF pair_id, side, name, digest, alt, taken_on, width, height, added_at, added_by_id ON public.fund_photo FOR EACH ROW EXECUTE FUNCTION fund_photo_fixed();

CREATE TRIGGER fund_photo_kept BEFORE DELETE ON public.fund_photo FOR EACH ROW EXECUTE FUNCTION fund_photo_kept();

CREATE TABLE fund_photo_pair (
  id integer NOT NULL DEFAULT nextval('fund_photo_pair_id_seq'::regclass),
  project_id integer NOT NULL,
  caption character varying(80) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  CONSTRAINT ck_fund_photo_pair_caption CHECK (((caption)::text <> ''::text)),
  CONSTRAINT fk_fund_photo_pair_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_photo_pair_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT pk_fund_photo_pair PRIMARY KEY (id)
);

CREATE INDEX ix_fund_photo_pair_project ON public.fund_photo_pair USING btree (project_id);

CREATE TRIGGER fund_photo_pair_fixed BEFORE UPDATE OF project_id, caption, made_at, made_by_id ON public.fund_photo_pair FOR EACH ROW EXECUTE FUNCTION fund_photo_pair_fixed();

CREATE TRIGGER fund_photo_pair_kept BEFORE DELETE ON public.fund_photo_pair FOR EACH ROW EXECUTE FUNCTION fund_photo_pair_kept();

CREATE TABLE fund_photo_step_entry (
  id bigint NOT NULL DEFAULT nextval('fund_photo_step_entry_id_seq'::regclass),
  photo_id integer NOT NULL,
  seq integer NOT NULL,
  step character varying(32) NOT NULL,
  at timestamp without time zone NOT NULL,
  by_id integer NOT NULL,
  asked_by character varying(40) NOT NULL,
  asked_on date,
  note character varying(200) NOT NULL,
  CONSTRAINT ck_fund_photo_step_entry_asked CHECK (((((step)::text = 'agreed'::text) = (asked_on IS NOT NULL)) AND (((step)::text = 'agreed'::text) = ((asked_by)::text <> ''::text)))),
  CONSTRAINT ck_fund_photo_step_entry_fundphotostep CHECK (((step)::text = ANY ((ARRAY['unseen'::character varying, 'agreed'::character varying, 'withdrawn'::character varying, 'removed'::character varying])::text[]))),
  CONSTRAINT ck_fund_photo_step_entry_note CHECK ((((step)::text <> ALL ((ARRAY['withdrawn'::character varying, 'removed'::character varying])::text[])) OR ((note)::text <> ''::text))),
  CONSTRAINT fk_fund_photo_step_entry_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_photo_step_entry_photo_id_fund_photo FOREIGN KEY (photo_id) REFERENCES fund_photo(id),
  CONSTRAINT pk_fund_photo_step_entry PRIMARY KEY (id),
  CONSTRAINT uq_fund_photo_step_entry_photo_id_seq UNIQUE (photo_id, seq)
);

CREATE TRIGGER fund_photo_order BEFORE INSERT ON public.fund_photo_step_entry FOR EACH ROW EXECUTE FUNCTION fund_photo_order();

CREATE TRIGGER fund_photo_state AFTER INSERT ON public.fund_photo_step_entry FOR EACH ROW EXECUTE FUNCTION fund_photo_state();

CREATE TRIGGER fund_photo_step_entry_append_only BEFORE DELETE OR UPDATE ON public.fund_photo_step_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_photo_step_entry_no_truncate BEFORE TRUNCATE ON public.fund_photo_step_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE fund_policy (
  id integer NOT NULL DEFAULT nextval('fund_policy_id_seq'::regclass),
  valid_from date NOT NULL,
  second_above bigint NOT NULL,
  minute_above bigint NOT NULL,
  how_to_give text NOT NULL,
  proposal_id integer,
  sum_days integer NOT NULL DEFAULT 30,
  sum_lines boolean NOT NULL DEFAULT false,
  CONSTRAINT ck_fund_policy_limits CHECK (((second_above >= 0) AND (minute_above >= second_above))),
  CONSTRAINT ck_fund_policy_sums CHECK ((((sum_days >= 0) AND (sum_days <= 366)) AND ((sum_days > 0) OR (NOT sum_lines)))),
  CONSTRAINT fk_fund_policy_proposal_id_fund_policy_proposal FOREIGN KEY (proposal_id) REFERENCES fund_policy_proposal(id),
  CONSTRAINT pk_fund_policy PRIMARY KEY (id),
  CONSTRAINT uq_fund_policy_valid_from UNIQUE (valid_from)
);

CREATE UNIQUE INDEX uq_fund_policy_proposal_id ON public.fund_policy USING btree (proposal_id);

CREATE TRIGGER fund_policy_fixed BEFORE UPDATE ON public.fund_policy FOR EACH ROW EXECUTE FUNCTION fund_policy_fixed();

CREATE TRIGGER fund_policy_kept BEFORE DELETE ON public.fund_policy FOR EACH ROW EXECUTE FUNCTION fund_policy_kept();

CREATE TRIGGER fund_policy_proposed BEFORE INSERT ON public.fund_policy FOR EACH ROW EXECUTE FUNCTION fund_policy_proposed();

CREATE TABLE fund_policy_proposal (
  id integer NOT NULL DEFAULT nextval('fund_policy_proposal_id_seq'::regclass),
  valid_from date NOT NULL,
  second_above bigint NOT NULL,
  minute_above bigint NOT NULL,
  how_to_give text NOT NULL,
  reason character varying(200) NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  sum_days integer NOT NULL DEFAULT 30,
  sum_lines boolean NOT NULL DEFAULT false,
  CONSTRAINT ck_fund_policy_proposal_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_fund_policy_proposal_decided CHECK ((((decided_at IS NULL) = (decided_by_id IS NULL)) AND ((decided_at IS NULL) = (verdict IS NULL)))),
  CONSTRAINT ck_fund_policy_proposal_limits CHECK (((second_above >= 0) AND (minute_above >= second_above))),
  CONSTRAINT ck_fund_policy_proposal_policyverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_fund_policy_proposal_sums CHECK ((((sum_days >= 0) AND (sum_days <= 366)) AND ((sum_days > 0) OR (NOT sum_lines)))),
  CONSTRAINT ck_fund_policy_proposal_two_people CHECK (((decided_by_id IS NULL) OR (((verdict)::text = 'withdrawn'::text) = (decided_by_id = made_by_id)))),
  CONSTRAINT ck_fund_policy_proposal_words CHECK ((((reason)::text <> ''::text) AND (how_to_give <> ''::text))),
  CONSTRAINT fk_fund_policy_proposal_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_policy_proposal_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT pk_fund_policy_proposal PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_fund_policy_proposal_open ON public.fund_policy_proposal USING btree (valid_from) WHERE (decided_at IS NULL);

CREATE TRIGGER fund_policy_proposal_fixed BEFORE UPDATE ON public.fund_policy_proposal FOR EACH ROW EXECUTE FUNCTION fund_policy_proposal_fixed();

CREATE TRIGGER fund_policy_proposal_kept BEFORE DELETE ON public.fund_policy_proposal FOR EACH ROW EXECUTE FUNCTION fund_policy_proposal_kept();

CREATE TRIGGER fund_policy_proposal_sums BEFORE UPDATE OF sum_days, sum_lines ON public.fund_policy_proposal FOR EACH ROW EXECUTE FUNCTION fund_policy_proposal_sums();

CREATE TRIGGER fund_policy_proposal_words BEFORE UPDATE OF valid_from, second_above, minute_above, how_to_give, reason, made_by_id, made_at ON public.fund_policy_proposal FOR EACH ROW EXECUTE FUNCTION fund_policy_proposal_words();

CREATE TABLE fund_progress_entry (
  id bigint NOT NULL DEFAULT nextval('fund_progress_entry_id_seq'::regclass),
  project_id integer NOT NULL,
  happened_on date NOT NULL,
  body character varying(500) NOT NULL,
  published_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  replaces_id bigint,
  CONSTRAINT fk_fund_progress_entry_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_progress_entry_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT fk_fund_progress_entry_replaces_id_fund_progress_entry FOREIGN KEY (replaces_id) REFERENCES fund_progress_entry(id),
  CONSTRAINT pk_fund_progress_entry PRIMARY KEY (id),
  CONSTRAINT uq_fund_progress_entry_replaces_id UNIQUE (replaces_id)
);

CREATE INDEX ix_fund_progress_entry_project ON public.fund_progress_entry USING btree (project_id, happened_on);

CREATE TRIGGER fund_progress_entry_append_only BEFORE DELETE OR UPDATE ON public.fund_progress_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_progress_entry_no_truncate BEFORE TRUNCATE ON public.fund_progress_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE fund_project (
  id integer NOT NULL DEFAULT nextval('fund_project_id_seq'::regclass),
  number character varying(20) NOT NULL,
  kind character varying(32) NOT NULL,
  source character varying(32) NOT NULL,
  name character varying(60) NOT NULL,
  summary character varying(400) NOT NULL,
  area character varying(60) NOT NULL,
  beneficiaries character varying(120) NOT NULL,
  unit_id integer NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  created_at timestamp without time zone NOT NULL,
  created_by_id integer NOT NULL,
  stage character varying(32) NOT NULL,
  purpose_id integer,
  source_name character varying(60) NOT NULL DEFAULT ''::character varying,
  call_id integer,
  applicant_id integer,
  past_batch_id integer,
  CONSTRAINT ck_fund_project_dated CHECK ((ends_on > starts_on)),
  CONSTRAINT ck_fund_project_fundstage CHECK (((stage)::text = ANY ((ARRAY['draft'::character varying, 'applied'::character varying, 'checked'::character varying, 'scored'::character varying, 'publicised'::character varying, 'approved'::character varying, 'running'::character varying, 'midterm'::character varying, 'paused'::character varying, 'final'::character varying, 'stopped'::character varying, 'closed'::character varying, 'archived'::character varying, 'declined'::character varying, 'voided'::character varying])::text[]))),
  CONSTRAINT ck_fund_project_moneysource CHECK (((source)::text = ANY ((ARRAY['fund'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_fund_project_own CHECK ((((source)::text = 'fund'::text) OR (purpose_id IS NULL))),
  CONSTRAINT ck_fund_project_projectkind CHECK (((kind)::text = ANY ((ARRAY['care'::character varying, 'micro'::character varying, 'wish'::character varying, 'emergency'::character varying])::text[]))),
  CONSTRAINT ck_fund_project_source_name CHECK ((((source)::text = 'other'::text) = ((source_name)::text <> ''::text))),
  CONSTRAINT fk_fund_project_applicant_id_person FOREIGN KEY (applicant_id) REFERENCES person(id),
  CONSTRAINT fk_fund_project_call_id_fund_call FOREIGN KEY (call_id) REFERENCES fund_call(id),
  CONSTRAINT fk_fund_project_created_by_id_person FOREIGN KEY (created_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_project_purpose_id_fund_purpose FOREIGN KEY (purpose_id) REFERENCES fund_purpose(id),
  CONSTRAINT fk_fund_project_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_fund_project PRIMARY KEY (id),
  CONSTRAINT uq_fund_project_number UNIQUE (number)
);

CREATE INDEX ix_fund_project_call_id ON public.fund_project USING btree (call_id);

CREATE INDEX ix_fund_project_past_batch_id ON public.fund_project USING btree (past_batch_id);

CREATE INDEX ix_fund_project_purpose_id ON public.fund_project USING btree (purpose_id);

CREATE INDEX ix_fund_project_stage ON public.fund_project USING btree (stage, unit_id);

CREATE TRIGGER fund_project_money BEFORE UPDATE OF source, source_name, purpose_id ON public.fund_project FOR EACH ROW EXECUTE FUNCTION fund_project_money();

CREATE TRIGGER fund_project_origin BEFORE UPDATE OF past_batch_id ON public.fund_project FOR EACH ROW EXECUTE FUNCTION fund_project_origin();

CREATE TRIGGER fund_project_purpose_made BEFORE INSERT ON public.fund_project FOR EACH ROW EXECUTE FUNCTION fund_project_purpose_made();

CREATE TRIGGER fund_project_purpose_open BEFORE UPDATE OF purpose_id ON public.fund_project FOR EACH ROW EXECUTE FUNCTION fund_project_purpose_open();

CREATE TABLE fund_project_activity (
  id integer NOT NULL DEFAULT nextval('fund_project_activity_id_seq'::regclass),
  project_id integer NOT NULL,
  activity_id integer NOT NULL,
  held_on date NOT NULL,
  linked_at timestamp without time zone NOT NULL,
  linked_by_id integer NOT NULL,
  ended_at timestamp without time zone,
  ended_by_id integer,
  end_reason character varying(200) NOT NULL,
  CONSTRAINT ck_fund_project_activity_ended CHECK ((((ended_at IS NULL) = (ended_by_id IS NULL)) AND ((ended_at IS NULL) = ((end_reason)::text = ''::text)))),
  CONSTRAINT fk_fund_project_activity_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_fund_project_activity_ended_by_id_person FOREIGN KEY (ended_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_project_activity_linked_by_id_person FOREIGN KEY (linked_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_project_activity_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT pk_fund_project_activity PRIMARY KEY (id)
);

CREATE INDEX ix_fund_project_activity_activity ON public.fund_project_activity USING btree (activity_id);

CREATE UNIQUE INDEX uq_fund_project_activity ON public.fund_project_activity USING btree (project_id, activity_id) WHERE (ended_at IS NULL);

CREATE TRIGGER fund_project_activity_fixed BEFORE UPDATE OF project_id, activity_id, held_on, linked_at, linked_by_id ON public.fund_project_activity FOR EACH ROW EXECUTE FUNCTION fund_project_activity_fixed();

CREATE TRIGGER fund_project_activity_kept BEFORE DELETE ON public.fund_project_activity FOR EACH ROW EXECUTE FUNCTION fund_project_activity_kept();

CREATE TRIGGER fund_project_activity_once BEFORE UPDATE ON public.fund_project_activity FOR EACH ROW EXECUTE FUNCTION fund_project_activity_once();

CREATE TABLE fund_purpose (
  id integer NOT NULL DEFAULT nextval('fund_purpose_id_seq'::regclass),
  name character varying(40) NOT NULL,
  words character varying(300) NOT NULL,
  asked_by_id integer NOT NULL,
  asked_at timestamp without time zone NOT NULL,
  opened_on date,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  closed_on date,
  CONSTRAINT ck_fund_purpose_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_fund_purpose_closed CHECK (((closed_on IS NULL) OR (opened_on IS NOT NULL))),
  CONSTRAINT ck_fund_purpose_decided CHECK ((((decided_at IS NULL) = (decided_by_id IS NULL)) AND ((decided_at IS NULL) = (verdict IS NULL)))),
  CONSTRAINT ck_fund_purpose_opened CHECK ((((verdict)::text = 'approved'::text) = (opened_on IS NOT NULL))),
  CONSTRAINT ck_fund_purpose_purposeverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_fund_purpose_two_people CHECK (((decided_by_id IS NULL) OR (((verdict)::text = 'withdrawn'::text) = (decided_by_id = asked_by_id)))),
  CONSTRAINT ck_fund_purpose_words CHECK ((((name)::text <> ''::text) AND ((words)::text <> ''::text))),
  CONSTRAINT fk_fund_purpose_asked_by_id_person FOREIGN KEY (asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_purpose_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT pk_fund_purpose PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_fund_purpose_name ON public.fund_purpose USING btree (name) WHERE ((verdict IS NULL) OR ((verdict)::text = 'approved'::text));

CREATE TRIGGER fund_purpose_closed BEFORE UPDATE OF closed_on ON public.fund_purpose FOR EACH ROW EXECUTE FUNCTION fund_purpose_closed();

CREATE TRIGGER fund_purpose_fixed BEFORE UPDATE OF decided_at, decided_by_id, verdict, answer, opened_on ON public.fund_purpose FOR EACH ROW EXECUTE FUNCTION fund_purpose_fixed();

CREATE TRIGGER fund_purpose_kept BEFORE DELETE ON public.fund_purpose FOR EACH ROW EXECUTE FUNCTION fund_purpose_kept();

CREATE TRIGGER fund_purpose_words BEFORE UPDATE OF name, words, asked_by_id, asked_at ON public.fund_purpose FOR EACH ROW EXECUTE FUNCTION fund_purpose_words();

CREATE TABLE fund_purpose_turn (
  id integer NOT NULL DEFAULT nextval('fund_purpose_turn_id_seq'::regclass),
  purpose_id integer NOT NULL,
  closes boolean NOT NULL,
  reason character varying(200) NOT NULL,
  asked_by_id integer NOT NULL,
  asked_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_fund_purpose_turn_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_fund_purpose_turn_decided CHECK ((((decided_at IS NULL) = (decided_by_id IS NULL)) AND ((decided_at IS NULL) = (verdict IS NULL)))),
  CONSTRAINT ck_fund_purpose_turn_purposeturnverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_fund_purpose_turn_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_fund_purpose_turn_two_people CHECK (((decided_by_id IS NULL) OR (((verdict)::text = 'withdrawn'::text) = (decided_by_id = asked_by_id)))),
  CONSTRAINT fk_fund_purpose_turn_asked_by_id_person FOREIGN KEY (asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_purpose_turn_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_purpose_turn_purpose_id_fund_purpose FOREIGN KEY (purpose_id) REFERENCES fund_purpose(id),
  CONSTRAINT pk_fund_purpose_turn PRIMARY KEY (id)
);

CREATE INDEX ix_fund_purpose_turn_purpose_id ON public.fund_purpose_turn USING btree (purpose_id);

CREATE UNIQUE INDEX uq_fund_purpose_turn_open ON public.fund_purpose_turn USING btree (purpose_id) WHERE (decided_at IS NULL);

CREATE TRIGGER fund_purpose_turn_fixed BEFORE UPDATE ON public.fund_purpose_turn FOR EACH ROW EXECUTE FUNCTION fund_purpose_turn_fixed();

CREATE TRIGGER fund_purpose_turn_kept BEFORE DELETE ON public.fund_purpose_turn FOR EACH ROW EXECUTE FUNCTION fund_purpose_turn_kept();

CREATE TRIGGER fund_purpose_turn_made BEFORE INSERT ON public.fund_purpose_turn FOR EACH ROW EXECUTE FUNCTION fund_purpose_turn_made();

CREATE TRIGGER fund_purpose_turn_words BEFORE UPDATE OF purpose_id, closes, reason, asked_by_id, asked_at ON public.fund_purpose_turn FOR EACH ROW EXECUTE FUNCTION fund_purpose_turn_words();

CREATE TABLE fund_report (
  id integer NOT NULL DEFAULT nextval('fund_report_id_seq'::regclass),
  project_id integer NOT NULL,
  version integer NOT NULL,
  done text NOT NULL,
  people text NOT NULL,
  leftovers text NOT NULL,
  changed character varying(200) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  published_at timestamp without time zone,
  published_by_id integer,
  frozen json NOT NULL,
  digest character varying(64) NOT NULL,
  returned_at timestamp without time zone,
  returned_by_id integer,
  return_note character varying(200) NOT NULL,
  CONSTRAINT ck_fund_report_one_end CHECK (((published_at IS NULL) OR (returned_at IS NULL))),
  CONSTRAINT ck_fund_report_published CHECK ((((published_at IS NULL) = (published_by_id IS NULL)) AND ((published_at IS NULL) = ((digest)::text = ''::text)))),
  CONSTRAINT ck_fund_report_returned CHECK ((((returned_at IS NULL) = (returned_by_id IS NULL)) AND ((returned_at IS NULL) = ((return_note)::text = ''::text)))),
  CONSTRAINT ck_fund_report_two_people CHECK (((published_by_id IS NULL) OR (published_by_id <> made_by_id))),
  CONSTRAINT ck_fund_report_version CHECK ((version > 0)),
  CONSTRAINT ck_fund_report_words CHECK (((done <> ''::text) AND (people <> ''::text) AND (leftovers <> ''::text))),
  CONSTRAINT fk_fund_report_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_report_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT fk_fund_report_published_by_id_person FOREIGN KEY (published_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_report_returned_by_id_person FOREIGN KEY (returned_by_id) REFERENCES person(id),
  CONSTRAINT pk_fund_report PRIMARY KEY (id),
  CONSTRAINT uq_fund_report_project_id_version UNIQUE (project_id, version)
);

CREATE UNIQUE INDEX uq_fund_report_waiting ON public.fund_report USING btree (project_id) WHERE ((published_at IS NULL) AND (returned_at IS NULL));

CREATE TRIGGER fund_report_fixed BEFORE UPDATE OF project_id, version, done, people, leftovers, changed, made_at, made_by_id ON public.fund_report FOR EACH ROW EXECUTE FUNCTION fund_report_fixed();

CREATE TRIGGER fund_report_kept BEFORE DELETE ON public.fund_report FOR EACH ROW EXECUTE FUNCTION fund_report_kept();

CREATE TRIGGER fund_report_once BEFORE UPDATE ON public.fund_report FOR EACH ROW EXECUTE FUNCTION fund_report_once();

CREATE TABLE fund_request (
  id integer NOT NULL DEFAULT nextval('fund_request_id_seq'::regclass),
  number character varying(30) NOT NULL,
  kind character varying(32) NOT NULL,
  unit_id integer NOT NULL,
  project_id integer,
  budget_line_id integer,
  from_account_id integer,
  to_account_id integer,
  fen bigint,
  purpose character varying(80) NOT NULL,
  counterparty character varying(60) NOT NULL,
  public_name character varying(60) NOT NULL,
  reference character varying(60) NOT NULL,
  minute_ref character varying(60) NOT NULL,
  explanation character varying(300) NOT NULL,
  happened_on date,
  needs_second boolean NOT NULL,
  needs_minute boolean NOT NULL,
  corrects_id integer,
  service_id bigint,
  requested_by_id integer NOT NULL,
  requested_at timestamp without time zone NOT NULL,
  form_key character varying(32),
  state character varying(32),
  steps integer NOT NULL,
  last_by_id integer,
  refunds_id integer,
  instalment_id integer,
  CONSTRAINT ck_fund_request_corrects CHECK ((((kind)::text = 'correction'::text) = (corrects_id IS NOT NULL))),
  CONSTRAINT ck_fund_request_explanation CHECK ((((kind)::text <> ALL ((ARRAY['correction'::character varying, 'figure'::character varying, 'transfer'::character varying])::text[])) OR ((explanation)::text <> ''::text))),
  CONSTRAINT ck_fund_request_fen CHECK ((fen > 0)),
  CONSTRAINT ck_fund_request_fundrequestkind CHECK (((kind)::text = ANY ((ARRAY['opening'::character varying, 'donation'::character varying, 'grant'::character varying, 'payment'::character varying, 'refund'::character varying, 'return'::character varying, 'transfer'::character varying, 'past_spending'::character varying, 'correction'::character varying, 'figure'::character varying])::text[]))),
  CONSTRAINT ck_fund_request_fundstep CHECK (((state)::text = ANY ((ARRAY['requested'::character varying, 'approved'::character varying, 'seconded'::character varying, 'paid'::character varying, 'reconciled'::character varying, 'mismatch'::character varying, 'answered'::character varying, 'returned'::character varying, 'withdrawn'::character varying, 'corrected'::character varying])::text[]))),
  CONSTRAINT ck_fund_request_line CHECK ((((kind)::text = ANY ((ARRAY['payment'::character varying, 'refund'::character varying, 'past_spending'::character varying])::text[])) = (budget_line_id IS NOT NULL))),
  CONSTRAINT ck_fund_request_minute CHECK (((((kind)::text <> 'transfer'::text) OR needs_minute) AND ((NOT needs_minute) OR ((minute_ref)::text <> ''::text)))),
  CONSTRAINT ck_fund_request_money CHECK (((((kind)::text = 'figure'::text) = (fen IS NULL)) AND ((fen IS NULL) = (from_account_id IS NULL)) AND ((fen IS NULL) = (to_account_id IS NULL)))),
  CONSTRAINT ck_fund_request_refunds CHECK ((((kind)::text = 'refund'::text) = (refunds_id IS NOT NULL))),
  CONSTRAINT ck_fund_request_service CHECK ((((kind)::text = 'figure'::text) = (service_id IS NOT NULL))),
  CONSTRAINT fk_fund_request_budget_line_id_fund_budget_line FOREIGN KEY (budget_line_id) REFERENCES fund_budget_line(id),
  CONSTRAINT fk_fund_request_corrects_id_fund_request FOREIGN KEY (corrects_id) REFERENCES fund_request(id),
  CONSTRAINT fk_fund_request_from_account_id_fund_account FOREIGN KEY (from_account_id) REFERENCES fund_account(id),
  CONSTRAINT fk_fund_request_instalment_id_fund_instalment FOREIGN KEY (instalment_id) REFERENCES fund_instalment(id),
  CONSTRAINT fk_fund_request_last_by_id_person FOREIGN KEY (last_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_request_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT fk_fund_request_refunds_id_fund_request FOREIGN KEY (refunds_id) REFERENCES fund_request(id),
  CONSTRAINT fk_fund_request_requested_by_id_person FOREIGN KEY (requested_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_request_service_id_fund_service_entry FOREIGN KEY (service_id) REFERENCES fund_service_entry(id),
  CONSTRAINT fk_fund_request_to_account_id_fund_account FOREIGN KEY (to_account_id) REFERENCES fund_account(id),
  CONSTRAINT fk_fund_request_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_fund_request PRIMARY KEY (id),
  CONSTRAINT uq_fund_request_form_key UNIQUE (form_key),
  CONSTRAINT uq_fund_request_number UNIQUE (number)
);

CREATE INDEX ix_fund_request_corrects_id ON public.fund_request USING btree (corrects_id);

CREATE INDEX ix_fund_request_instalment_id ON public.fund_request USING btree (instalment_id);

CREATE INDEX ix_fund_request_project ON public.fund_request USING btree (project_id);

CREATE INDEX ix_fund_request_refunds_id ON public.fund_request USING btree (refunds_id);

CREATE INDEX ix_fund_request_service_id ON public.fund_request USING btree (service_id);

CREATE INDEX ix_fund_request_state ON public.fund_request USING btree (state, unit_id);

CREATE TRIGGER fund_request_fixed BEFORE UPDATE OF number, kind, unit_id, project_id, budget_line_id, from_account_id, to_account_id, fen, purpose, counterparty, reference, minute_ref, explanation, happened_on, needs_second, needs_minute, corrects_id, refunds_id, service_id, requested_by_id, requested_at, form_key ON public.fund_request FOR EACH ROW EXECUTE FUNCTION fund_request_fixed();

CREATE TRIGGER fund_request_instalment BEFORE INSERT ON public.fund_request FOR EACH ROW EXECUTE FUNCTION fund_request_instalment();

CREATE TRIGGER fund_request_kept BEFORE DELETE ON public.fund_request FOR EACH ROW EXECUTE FUNCTION fund_request_kept();

CREATE TRIGGER fund_request_paid_in BEFORE UPDATE OF instalment_id ON public.fund_request FOR EACH ROW EXECUTE FUNCTION fund_request_paid_in();

CREATE TRIGGER fund_request_together BEFORE INSERT ON public.fund_request FOR EACH ROW EXECUTE FUNCTION fund_request_together();

CREATE TRIGGER fund_request_unnamed BEFORE UPDATE OF public_name ON public.fund_request FOR EACH ROW EXECUTE FUNCTION fund_request_unnamed();

CREATE TABLE fund_service_entry (
  id bigint NOT NULL DEFAULT nextval('fund_service_entry_id_seq'::regclass),
  project_id integer NOT NULL,
  served_on date NOT NULL,
  people integer NOT NULL,
  what character varying(300) NOT NULL,
  activity_id integer,
  booked_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  approved_by_id integer,
  reverses_id bigint,
  CONSTRAINT ck_fund_service_entry_explanation CHECK (((reverses_id IS NULL) OR (((what)::text <> ''::text) AND (approved_by_id IS NOT NULL)))),
  CONSTRAINT ck_fund_service_entry_sign CHECK ((((reverses_id IS NULL) AND (people > 0)) OR ((reverses_id IS NOT NULL) AND (people < 0)))),
  CONSTRAINT ck_fund_service_entry_two_people CHECK (((approved_by_id IS NULL) OR (approved_by_id <> made_by_id))),
  CONSTRAINT fk_fund_service_entry_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_fund_service_entry_approved_by_id_person FOREIGN KEY (approved_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_service_entry_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_service_entry_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT fk_fund_service_entry_reverses_id_fund_service_entry FOREIGN KEY (reverses_id) REFERENCES fund_service_entry(id),
  CONSTRAINT pk_fund_service_entry PRIMARY KEY (id),
  CONSTRAINT uq_fund_service_entry_reverses_id UNIQUE (reverses_id)
);

CREATE INDEX ix_fund_service_entry_activity_id ON public.fund_service_entry USING btree (activity_id);

CREATE INDEX ix_fund_service_entry_project ON public.fund_service_entry USING btree (project_id, served_on);

CREATE INDEX ix_fund_service_entry_reverses ON public.fund_service_entry USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);

CREATE TRIGGER fund_service_entry_append_only BEFORE DELETE OR UPDATE ON public.fund_service_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_service_entry_no_truncate BEFORE TRUNCATE ON public.fund_service_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_service_order BEFORE INSERT ON public.fund_service_entry FOR EACH ROW EXECUTE FUNCTION fund_service_order();

CREATE TABLE fund_stage_entry (
  id bigint NOT NULL DEFAULT nextval('fund_stage_entry_id_seq'::regclass),
  project_id integer NOT NULL,
  seq integer NOT NULL,
  stage character varying(32) NOT NULL,
  at timestamp without time zone NOT NULL,
  by_id integer NOT NULL,
  note character varying(400) NOT NULL,
  for_id integer,
  CONSTRAINT ck_fund_stage_entry_deputy CHECK (((for_id IS NULL) OR ((for_id <> by_id) AND (seq > 1) AND ((stage)::text <> ALL ((ARRAY['applied'::character varying, 'final'::character varying])::text[]))))),
  CONSTRAINT ck_fund_stage_entry_fundstage CHECK (((stage)::text = ANY ((ARRAY['draft'::character varying, 'applied'::character varying, 'checked'::character varying, 'scored'::character varying, 'publicised'::character varying, 'approved'::character varying, 'running'::character varying, 'midterm'::character varying, 'paused'::character varying, 'final'::character varying, 'stopped'::character varying, 'closed'::character varying, 'archived'::character varying, 'declined'::character varying, 'voided'::character varying])::text[]))),
  CONSTRAINT fk_fund_stage_entry_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_stage_entry_for_id_person FOREIGN KEY (for_id) REFERENCES person(id),
  CONSTRAINT fk_fund_stage_entry_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT pk_fund_stage_entry PRIMARY KEY (id),
  CONSTRAINT uq_fund_stage_entry_project_id_seq UNIQUE (project_id, seq)
);

CREATE TRIGGER fund_stage_entry_append_only BEFORE DELETE OR UPDATE ON public.fund_stage_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_stage_entry_no_truncate BEFORE TRUNCATE ON public.fund_stage_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_stage_hands BEFORE INSERT ON public.fund_stage_entry FOR EACH ROW EXECUTE FUNCTION fund_stage_hands();

CREATE TRIGGER fund_stage_order BEFORE INSERT ON public.fund_stage_entry FOR EACH ROW EXECUTE FUNCTION fund_stage_order();

CREATE TRIGGER fund_stage_ready BEFORE INSERT ON public.fund_stage_entry FOR EACH ROW EXECUTE FUNCTION fund_stage_ready();

CREATE TRIGGER fund_stage_reasons BEFORE INSERT ON public.fund_stage_entry FOR EACH ROW EXECUTE FUNCTION fund_stage_reasons();

CREATE TRIGGER fund_stage_state AFTER INSERT ON public.fund_stage_entry FOR EACH ROW EXECUTE FUNCTION fund_stage_state();

CREATE TABLE fund_step_entry (
  id bigint NOT NULL DEFAULT nextval('fund_step_entry_id_seq'::regclass),
  request_id integer NOT NULL,
  seq integer NOT NULL,
  step character varying(32) NOT NULL,
  at timestamp without time zone NOT NULL,
  happened_on date NOT NULL,
  by_id integer NOT NULL,
  reference character varying(60) NOT NULL,
  note character varying(300) NOT NULL,
  for_id integer,
  CONSTRAINT ck_fund_step_entry_deputy CHECK (((for_id IS NULL) OR ((for_id <> by_id) AND ((step)::text <> ALL ((ARRAY['requested'::character varying, 'withdrawn'::character varying, 'corrected'::character varying])::text[]))))),
  CONSTRAINT ck_fund_step_entry_fundstep CHECK (((step)::text = ANY ((ARRAY['requested'::character varying, 'approved'::character varying, 'seconded'::character varying, 'paid'::character varying, 'reconciled'::character varying, 'mismatch'::character varying, 'answered'::character varying, 'returned'::character varying, 'withdrawn'::character varying, 'corrected'::character varying])::text[]))),
  CONSTRAINT ck_fund_step_entry_note CHECK ((((step)::text <> ALL ((ARRAY['returned'::character varying, 'mismatch'::character varying, 'answered'::character varying])::text[])) OR ((note)::text <> ''::text))),
  CONSTRAINT ck_fund_step_entry_reference CHECK ((((step)::text <> 'paid'::text) OR ((reference)::text <> ''::text))),
  CONSTRAINT fk_fund_step_entry_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_fund_step_entry_for_id_person FOREIGN KEY (for_id) REFERENCES person(id),
  CONSTRAINT fk_fund_step_entry_request_id_fund_request FOREIGN KEY (request_id) REFERENCES fund_request(id),
  CONSTRAINT pk_fund_step_entry PRIMARY KEY (id),
  CONSTRAINT uq_fund_step_entry_request_id_seq UNIQUE (request_id, seq)
);

CREATE TRIGGER bank_group_corrected AFTER INSERT ON public.fund_step_entry FOR EACH ROW EXECUTE FUNCTION bank_group_corrected();

CREATE TRIGGER bank_match_corrected AFTER INSERT ON public.fund_step_entry FOR EACH ROW EXECUTE FUNCTION bank_match_corrected();

CREATE TRIGGER fund_step_entry_append_only BEFORE DELETE OR UPDATE ON public.fund_step_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_step_entry_no_truncate BEFORE TRUNCATE ON public.fund_step_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fund_step_minute BEFORE INSERT ON public.fund_step_entry FOR EACH ROW EXECUTE FUNCTION fund_step_minute();

CREATE TRIGGER fund_step_order BEFORE INSERT ON public.fund_step_entry FOR EACH ROW EXECUTE FUNCTION fund_step_order();

CREATE TRIGGER fund_step_state AFTER INSERT ON public.fund_step_entry FOR EACH ROW EXECUTE FUNCTION fund_step_state();

CREATE TABLE gate (
  id integer NOT NULL DEFAULT nextval('gate_id_seq'::regclass),
  activity_id integer NOT NULL,
  number integer NOT NULL,
  name character varying(20) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  closed_at timestamp without time zone,
  CONSTRAINT ck_gate_number CHECK (((number >= 1) AND (number <= 99))),
  CONSTRAINT fk_gate_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_gate_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT pk_gate PRIMARY KEY (id),
  CONSTRAINT uq_gate UNIQUE (activity_id, number)
);

CREATE TABLE guardian_consent (
  id integer NOT NULL DEFAULT nextval('guardian_consent_id_seq'::regclass),
  person_id integer NOT NULL,
  guardian_name character varying(40) NOT NULL,
  guardian_phone character varying(20) NOT NULL,
  relation character varying(32) NOT NULL,
  given_how character varying(32) NOT NULL,
  recorded_by_id integer NOT NULL,
  given_at timestamp without time zone NOT NULL,
  withdrawn_at timestamp without time zone,
  withdrawn_by_id integer,
  CONSTRAINT ck_guardian_consent_givenhow CHECK (((given_how)::text = ANY ((ARRAY['in_person'::character varying, 'on_paper'::character varying, 'by_account'::character varying])::text[]))),
  CONSTRAINT ck_guardian_consent_relation CHECK (((relation)::text = ANY ((ARRAY['mother'::character varying, 'father'::character varying, 'grandparent'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT fk_guardian_consent_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_guardian_consent_recorded_by_id_person FOREIGN KEY (recorded_by_id) REFERENCES person(id),
  CONSTRAINT fk_guardian_consent_withdrawn_by_id_person FOREIGN KEY (withdrawn_by_id) REFERENCES person(id),
  CONSTRAINT pk_guardian_consent PRIMARY KEY (id)
);

CREATE INDEX ix_guardian_consent_person_id ON public.guardian_consent USING btree (person_id);

CREATE UNIQUE INDEX uq_guardian_consent_given ON public.guardian_consent USING btree (person_id) WHERE (withdrawn_at IS NULL);

CREATE TRIGGER guardian_consent_of_who_is_erased BEFORE INSERT ON public.guardian_consent FOR EACH ROW EXECUTE FUNCTION guardian_consent_of_who_is_erased();

CREATE TABLE helper (
  id integer NOT NULL DEFAULT nextval('helper_id_seq'::regclass),
  shift_id integer NOT NULL,
  person_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  CONSTRAINT fk_helper_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_helper_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_helper_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift(id),
  CONSTRAINT pk_helper PRIMARY KEY (id)
);

CREATE INDEX ix_helper_person_id ON public.helper USING btree (person_id);

CREATE UNIQUE INDEX uq_helper ON public.helper USING btree (shift_id, person_id);

CREATE TABLE honour (
  id integer NOT NULL DEFAULT nextval('honour_id_seq'::regclass),
  kind_id integer NOT NULL,
  title character varying(40) NOT NULL,
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  reason character varying(300) NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  ended_at timestamp without time zone,
  granted_on date,
  revoked_on date,
  CONSTRAINT ck_honour_answer CHECK ((((verdict)::text <> 'refused'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_honour_decided CHECK ((((decided_at IS NULL) = (verdict IS NULL)) AND ((decided_at IS NULL) = (decided_by_id IS NULL)))),
  CONSTRAINT ck_honour_ended CHECK (((verdict IS NULL) OR ((verdict)::text = 'approved'::text) OR (ended_at IS NOT NULL))),
  CONSTRAINT ck_honour_granted_after_approval CHECK (((granted_on IS NULL) OR (((verdict)::text = 'approved'::text) AND (ended_at IS NOT NULL)))),
  CONSTRAINT ck_honour_not_ones_own CHECK ((made_by_id <> person_id)),
  CONSTRAINT ck_honour_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_honour_revoked CHECK (((revoked_on IS NULL) OR (revoked_on >= granted_on))),
  CONSTRAINT ck_honour_two_people CHECK (((decided_by_id IS NULL) OR ((decided_by_id <> person_id) AND ((decided_by_id = made_by_id) = ((verdict)::text = 'withdrawn'::text))))),
  CONSTRAINT ck_honour_verdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'refused'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT fk_honour_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_honour_kind_id_honour_kind FOREIGN KEY (kind_id) REFERENCES honour_kind(id),
  CONSTRAINT fk_honour_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_honour_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_honour_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_honour PRIMARY KEY (id)
);

CREATE INDEX ix_honour_granted ON public.honour USING btree (granted_on) WHERE ((granted_on IS NOT NULL) AND (revoked_on IS NULL));

CREATE INDEX ix_honour_person ON public.honour USING btree (person_id);

CREATE INDEX ix_honour_unit ON public.honour USING btree (unit_id, ended_at);

CREATE UNIQUE INDEX uq_honour_open ON public.honour USING btree (kind_id, person_id) WHERE (ended_at IS NULL);

CREATE TRIGGER honour_guard_1 BEFORE UPDATE ON public.honour FOR EACH ROW EXECUTE FUNCTION refuse_honour_1();

CREATE TRIGGER honour_guard_2 BEFORE UPDATE ON public.honour FOR EACH ROW EXECUTE FUNCTION refuse_honour_2();

CREATE TRIGGER honour_no_delete BEFORE DELETE ON public.honour FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE honour_consent (
  id integer NOT NULL DEFAULT nextval('honour_consent_id_seq'::regclass),
  honour_id integer NOT NULL,
  given_at timestamp without time zone NOT NULL,
  withdrawn_at timestamp without time zone,
  CONSTRAINT fk_honour_consent_honour_id_honour FOREIGN KEY (honour_id) REFERENCES honour(id),
  CONSTRAINT pk_honour_consent PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_honour_consent ON public.honour_consent USING btree (honour_id) WHERE (withdrawn_at IS NULL);

CREATE TABLE honour_kind (
  id integer NOT NULL DEFAULT nextval('honour_kind_id_seq'::regclass),
  name character varying(30) NOT NULL,
  words character varying(200) NOT NULL,
  giver character varying(32) NOT NULL,
  reach character varying(32) NOT NULL,
  scheme_kind character varying(32),
  rule_code character varying(30),
  retired_on date,
  CONSTRAINT ck_honour_kind_giver CHECK (((giver)::text = ANY ((ARRAY['branch'::character varying, 'subdistrict'::character varying])::text[]))),
  CONSTRAINT ck_honour_kind_name CHECK (((name)::text <> ''::text)),
  CONSTRAINT ck_honour_kind_reach CHECK (((reach)::text = ANY ((ARRAY['branch'::character varying, 'public'::character varying])::text[]))),
  CONSTRAINT ck_honour_kind_rule CHECK (((rule_code IS NULL) = (scheme_kind IS NULL))),
  CONSTRAINT ck_honour_kind_schemekind CHECK (((scheme_kind)::text = ANY ((ARRAY['volunteer'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT pk_honour_kind PRIMARY KEY (id),
  CONSTRAINT uq_honour_kind_name UNIQUE (name)
);

CREATE TRIGGER honour_kind_reach_on_insert BEFORE INSERT ON public.honour_kind FOR EACH ROW EXECUTE FUNCTION honour_kind_reach_on_insert();

CREATE TRIGGER honour_kind_reach_on_update BEFORE UPDATE ON public.honour_kind FOR EACH ROW EXECUTE FUNCTION honour_kind_reach_on_update();

CREATE TABLE honour_revocation (
  id integer NOT NULL DEFAULT nextval('honour_revocation_id_seq'::regclass),
  honour_id integer NOT NULL,
  person_id integer NOT NULL,
  reason character varying(300) NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_honour_revocation_answer CHECK ((((verdict)::text <> 'refused'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_honour_revocation_decided CHECK ((((decided_at IS NULL) = (verdict IS NULL)) AND ((decided_at IS NULL) = (decided_by_id IS NULL)))),
  CONSTRAINT ck_honour_revocation_not_ones_own CHECK ((made_by_id <> person_id)),
  CONSTRAINT ck_honour_revocation_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_honour_revocation_two_people CHECK (((decided_by_id IS NULL) OR ((decided_by_id <> person_id) AND ((decided_by_id = made_by_id) = ((verdict)::text = 'withdrawn'::text))))),
  CONSTRAINT ck_honour_revocation_verdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'refused'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT fk_honour_revocation_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_honour_revocation_honour_id_honour FOREIGN KEY (honour_id) REFERENCES honour(id),
  CONSTRAINT fk_honour_revocation_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_honour_revocation_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_honour_revocation PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_honour_revocation_open ON public.honour_revocation USING btree (honour_id) WHERE (decided_at IS NULL);

CREATE TRIGGER honour_revocation_guard_3 BEFORE UPDATE OF id, honour_id, person_id, made_by_id, made_at, decided_at, decided_by_id, verdict ON public.honour_revocation FOR EACH ROW EXECUTE FUNCTION refuse_honour_3();

CREATE TRIGGER honour_revocation_no_delete BEFORE DELETE ON public.honour_revocation FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER honour_revocation_words BEFORE UPDATE OF reason, answer ON public.honour_revocation FOR EACH ROW EXECUTE FUNCTION honour_revocation_words();

CREATE TABLE hour_correction (
  id integer NOT NULL DEFAULT nextval('hour_correction_id_seq'::regclass),
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  attendance_id bigint,
  entry_id bigint,
  dispute_id integer,
  change character varying(32) NOT NULL,
  in_at timestamp without time zone,
  out_at timestamp without time zone,
  minutes integer NOT NULL,
  was_in_at timestamp without time zone,
  was_out_at timestamp without time zone,
  was_minutes integer NOT NULL,
  was_class character varying(32),
  reason character varying(200) NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_hour_correction_answer CHECK ((((verdict)::text <> 'refused'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_hour_correction_change CHECK (((change)::text = ANY ((ARRAY['times'::character varying, 'hour_class'::character varying, 'minutes'::character varying, 'void'::character varying])::text[]))),
  CONSTRAINT ck_hour_correction_correctionverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'refused'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_hour_correction_decided CHECK ((((decided_at IS NULL) = (verdict IS NULL)) AND ((decided_at IS NULL) = (decided_by_id IS NULL)))),
  CONSTRAINT ck_hour_correction_hourclass CHECK (((was_class)::text = ANY ((ARRAY['credit'::character varying, 'honour'::character varying])::text[]))),
  CONSTRAINT ck_hour_correction_not_ones_own CHECK ((made_by_id <> person_id)),
  CONSTRAINT ck_hour_correction_of_something CHECK (((attendance_id IS NOT NULL) OR (entry_id IS NOT NULL))),
  CONSTRAINT ck_hour_correction_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_hour_correction_sums CHECK (((minutes >= 0) AND (was_minutes >= 0) AND (((change)::text = 'void'::text) = (minutes = 0)))),
  CONSTRAINT ck_hour_correction_times CHECK (((((change)::text = 'times'::text) = (in_at IS NOT NULL)) AND ((in_at IS NULL) = (out_at IS NULL)) AND ((out_at IS NULL) OR (out_at > in_at)))),
  CONSTRAINT ck_hour_correction_two_people CHECK (((decided_by_id IS NULL) OR ((decided_by_id <> person_id) AND ((decided_by_id = made_by_id) = ((verdict)::text = 'withdrawn'::text))))),
  CONSTRAINT fk_hour_correction_attendance_id_attendance FOREIGN KEY (attendance_id) REFERENCES attendance(id),
  CONSTRAINT fk_hour_correction_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_hour_correction_dispute_id_dispute FOREIGN KEY (dispute_id) REFERENCES dispute(id),
  CONSTRAINT fk_hour_correction_entry_id_hour_entry FOREIGN KEY (entry_id) REFERENCES hour_entry(id),
  CONSTRAINT fk_hour_correction_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_hour_correction_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_hour_correction_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_hour_correction PRIMARY KEY (id)
);

CREATE INDEX ix_hour_correction_person ON public.hour_correction USING btree (person_id, decided_at);

CREATE INDEX ix_hour_correction_unit ON public.hour_correction USING btree (unit_id) WHERE (decided_at IS NULL);

CREATE UNIQUE INDEX uq_hour_correction_attendance ON public.hour_correction USING btree (attendance_id) WHERE ((decided_at IS NULL) AND (attendance_id IS NOT NULL));

CREATE UNIQUE INDEX uq_hour_correction_dispute ON public.hour_correction USING btree (dispute_id) WHERE ((decided_at IS NULL) AND (dispute_id IS NOT NULL));

CREATE UNIQUE INDEX uq_hour_correction_entry ON public.hour_correction USING btree (entry_id) WHERE ((decided_at IS NULL) AND (entry_id IS NOT NULL));

CREATE TRIGGER hour_correction_guard BEFORE DELETE OR UPDATE OF id, person_id, unit_id, attendance_id, entry_id, dispute_id, change, in_at, out_at, minutes, was_in_at, was_out_at, was_minutes, was_class, made_by_id, made_at, decided_at, decided_by_id, verdict ON public.hour_correction FOR EACH ROW EXECUTE FUNCTION refuse_correction();

CREATE TRIGGER hour_correction_words BEFORE UPDATE OF reason, answer ON public.hour_correction FOR EACH ROW EXECUTE FUNCTION hour_correction_words();

CREATE TABLE hour_correction_aside (
  correction_id integer NOT NULL,
  person_id integer NOT NULL,
  CONSTRAINT fk_hour_correction_aside_correction_id_hour_correction FOREIGN KEY (correction_id) REFERENCES hour_correction(id),
  CONSTRAINT fk_hour_correction_aside_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_hour_correction_aside PRIMARY KEY (correction_id, person_id)
);

CREATE TABLE hour_entry (
  id bigint NOT NULL DEFAULT nextval('hour_entry_id_seq'::regclass),
  person_id integer NOT NULL,
  home_unit_id integer,
  organising_unit_id integer NOT NULL,
  activity_id integer,
  served_on date NOT NULL,
  booked_on date NOT NULL,
  booked_at timestamp without time zone NOT NULL,
  hour_class character varying(32) NOT NULL,
  kind character varying(32) NOT NULL,
  minutes integer NOT NULL,
  source_kind character varying(32) NOT NULL,
  source_id bigint NOT NULL,
  generation integer NOT NULL,
  rule_version character varying(20) NOT NULL,
  reverses_id bigint,
  reason character varying(200) NOT NULL,
  batch_id bigint,
  made_by_id integer,
  approved_by_id integer,
  counted_on date,
  CONSTRAINT ck_hour_entry_counted_on CHECK (((counted_on IS NULL) OR ((counted_on > served_on) AND (counted_on <= booked_on)))),
  CONSTRAINT ck_hour_entry_hourclass CHECK (((hour_class)::text = ANY ((ARRAY['credit'::character varying, 'honour'::character varying])::text[]))),
  CONSTRAINT ck_hour_entry_hourkind CHECK (((kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying])::text[]))),
  CONSTRAINT ck_hour_entry_reason CHECK (((reverses_id IS NULL) OR ((reason)::text <> ''::text))),
  CONSTRAINT ck_hour_entry_sign CHECK ((((reverses_id IS NULL) AND (minutes > 0)) OR ((reverses_id IS NOT NULL) AND (minutes < 0)))),
  CONSTRAINT ck_hour_entry_sourcekind CHECK (((source_kind)::text = ANY ((ARRAY['attendance'::character varying, 'claim'::character varying, 'import'::character varying, 'correction'::character varying])::text[]))),
  CONSTRAINT ck_hour_entry_two_people CHECK (((approved_by_id IS NULL) OR (approved_by_id <> made_by_id))),
  CONSTRAINT fk_hour_entry_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_hour_entry_approved_by_id_person FOREIGN KEY (approved_by_id) REFERENCES person(id),
  CONSTRAINT fk_hour_entry_home_unit_id_unit FOREIGN KEY (home_unit_id) REFERENCES unit(id),
  CONSTRAINT fk_hour_entry_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_hour_entry_organising_unit_id_unit FOREIGN KEY (organising_unit_id) REFERENCES unit(id),
  CONSTRAINT fk_hour_entry_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_hour_entry_reverses_id_hour_entry FOREIGN KEY (reverses_id) REFERENCES hour_entry(id),
  CONSTRAINT pk_hour_entry PRIMARY KEY (id),
  CONSTRAINT uq_hour_entry_reverses_id UNIQUE (reverses_id)
);

CREATE INDEX ix_hour_entry_activity ON public.hour_entry USING btree (activity_id) WHERE (activity_id IS NOT NULL);

CREATE INDEX ix_hour_entry_approved_by ON public.hour_entry USING btree (approved_by_id) WHERE (approved_by_id IS NOT NULL);

CREATE INDEX ix_hour_entry_counted_on ON public.hour_entry USING btree (counted_on) WHERE (counted_on IS NOT NULL);

CREATE INDEX ix_hour_entry_home_unit ON public.hour_entry USING btree (home_unit_id, served_on);

CREATE INDEX ix_hour_entry_made_by ON public.hour_entry USING btree (made_by_id) WHERE (made_by_id IS NOT NULL);

CREATE INDEX ix_hour_entry_organised ON public.hour_entry USING btree (organising_unit_id, served_on, kind, hour_class, minutes, counted_on);

CREATE INDEX ix_hour_entry_person ON public.hour_entry USING btree (person_id, served_on);

CREATE INDEX ix_hour_entry_reverses ON public.hour_entry USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);

CREATE INDEX ix_hour_entry_served_on ON public.hour_entry USING btree (served_on);

CREATE UNIQUE INDEX uq_hour_entry_source ON public.hour_entry USING btree (source_kind, source_id, generation) WHERE (reverses_id IS NULL);

CREATE TRIGGER hour_entry_append_only BEFORE DELETE OR UPDATE ON public.hour_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER hour_entry_no_truncate BEFORE TRUNCATE ON public.hour_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER hour_entry_of_who_went BEFORE INSERT ON public.hour_entry FOR EACH ROW EXECUTE FUNCTION hour_entry_of_who_went();

CREATE TABLE hour_person_total (
  person_id integer NOT NULL,
  period character varying(10) NOT NULL,
  kind character varying(32) NOT NULL,
  hour_class character varying(32) NOT NULL,
  minutes integer NOT NULL,
  entries integer NOT NULL,
  CONSTRAINT ck_hour_person_total_hourclass CHECK (((hour_class)::text = ANY ((ARRAY['credit'::character varying, 'honour'::character varying])::text[]))),
  CONSTRAINT ck_hour_person_total_hourkind CHECK (((kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying])::text[]))),
  CONSTRAINT fk_hour_person_total_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_hour_person_total PRIMARY KEY (person_id, period, kind, hour_class)
);

CREATE INDEX ix_hour_person_total_rank ON public.hour_person_total USING btree (period, kind, hour_class, minutes);

CREATE TABLE hour_unit_total (
  unit_id integer NOT NULL,
  period character varying(10) NOT NULL,
  kind character varying(32) NOT NULL,
  hour_class character varying(32) NOT NULL,
  minutes integer NOT NULL,
  entries integer NOT NULL,
  CONSTRAINT ck_hour_unit_total_hourclass CHECK (((hour_class)::text = ANY ((ARRAY['credit'::character varying, 'honour'::character varying])::text[]))),
  CONSTRAINT ck_hour_unit_total_hourkind CHECK (((kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying])::text[]))),
  CONSTRAINT fk_hour_unit_total_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_hour_unit_total PRIMARY KEY (unit_id, period, kind, hour_class)
);

CREATE INDEX ix_hour_unit_total_period ON public.hour_unit_total USING btree (period, kind, hour_class, unit_id);

CREATE TABLE household_contact (
  id integer NOT NULL DEFAULT nextval('household_contact_id_seq'::regclass),
  person_id integer NOT NULL,
  place_id integer NOT NULL,
  household character varying(40) NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  made_by_id integer,
  made_at timestamp without time zone NOT NULL,
  CONSTRAINT ck_household_contact_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT fk_household_contact_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_household_contact_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_household_contact_place_id_place FOREIGN KEY (place_id) REFERENCES place(id),
  CONSTRAINT pk_household_contact PRIMARY KEY (id)
);

CREATE INDEX ix_household_contact_person_id ON public.household_contact USING btree (person_id);

CREATE INDEX ix_household_contact_place_id ON public.household_contact USING btree (place_id);

CREATE UNIQUE INDEX uq_household_contact_open ON public.household_contact USING btree (person_id, place_id, household) WHERE (valid_to IS NULL);

CREATE TABLE import_batch (
  id integer NOT NULL DEFAULT nextval('import_batch_id_seq'::regclass),
  unit_id integer,
  file_name character varying(120) NOT NULL,
  made_by_id integer,
  made_at timestamp without time zone NOT NULL,
  staged_at timestamp without time zone,
  titles json NOT NULL,
  notes json NOT NULL,
  fresh integer NOT NULL,
  changed integer NOT NULL,
  unchanged integer NOT NULL,
  blank integer NOT NULL,
  refused integer NOT NULL,
  warned integer NOT NULL,
  date_moves integer NOT NULL,
  move_dates boolean NOT NULL,
  running integer,
  beat_at timestamp without time zone,
  started_at timestamp without time zone,
  applied_at timestamp without time zone,
  undone_at timestamp without time zone,
  undone_by_id integer,
  cleared_at timestamp without time zone,
  last_person_id integer,
  cards integer NOT NULL DEFAULT 0,
  questions integer NOT NULL DEFAULT 0,
  take_cards boolean NOT NULL DEFAULT false,
  unknown json NOT NULL DEFAULT '[]'::json,
  shares integer NOT NULL DEFAULT 0,
  waiting integer NOT NULL DEFAULT 0,
  CONSTRAINT ck_import_batch_applied CHECK (((undone_at IS NULL) OR (applied_at IS NOT NULL))),
  CONSTRAINT ck_import_batch_running CHECK (((running IS NULL) OR (running = 1))),
  CONSTRAINT ck_import_batch_started CHECK (((applied_at IS NULL) OR (started_at IS NOT NULL))),
  CONSTRAINT fk_import_batch_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_import_batch_undone_by_id_person FOREIGN KEY (undone_by_id) REFERENCES person(id),
  CONSTRAINT fk_import_batch_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_import_batch PRIMARY KEY (id),
  CONSTRAINT uq_import_batch_running UNIQUE (running)
);

CREATE INDEX ix_import_batch_unit ON public.import_batch USING btree (unit_id, made_at);

CREATE TABLE import_change (
  id bigint NOT NULL DEFAULT nextval('import_change_id_seq'::regclass),
  batch_id integer NOT NULL,
  "row" integer NOT NULL,
  person_id integer NOT NULL,
  field character varying(32) NOT NULL,
  before_text character varying(200) NOT NULL,
  after_text character varying(200) NOT NULL,
  before_on date,
  after_on date,
  target_id integer,
  unit_key integer,
  CONSTRAINT ck_import_change_changefield CHECK (((field)::text = ANY ((ARRAY['gender'::character varying, 'birth'::character varying, 'note'::character varying, 'home'::character varying, 'reported'::character varying, 'stage'::character varying, 'stage_date'::character varying, 'phone'::character varying])::text[]))),
  CONSTRAINT fk_import_change_batch_id_import_batch FOREIGN KEY (batch_id) REFERENCES import_batch(id),
  CONSTRAINT pk_import_change PRIMARY KEY (id)
);

CREATE INDEX ix_import_change_batch ON public.import_change USING btree (batch_id, field, "row");

CREATE INDEX ix_import_change_person ON public.import_change USING btree (person_id);

CREATE TABLE import_ending (
  id bigint NOT NULL DEFAULT nextval('import_ending_id_seq'::regclass),
  batch_id integer NOT NULL,
  "row" integer NOT NULL,
  person_id integer NOT NULL,
  holding character varying(20) NOT NULL,
  held_id integer NOT NULL,
  words character varying(200) NOT NULL,
  until date,
  CONSTRAINT fk_import_ending_batch_id_import_batch FOREIGN KEY (batch_id) REFERENCES import_batch(id),
  CONSTRAINT pk_import_ending PRIMARY KEY (id),
  CONSTRAINT uq_import_ending_batch_id_holding_held_id UNIQUE (batch_id, holding, held_id)
);

CREATE INDEX ix_import_ending_batch ON public.import_ending USING btree (batch_id, "row");

CREATE TABLE import_heading (
  id integer NOT NULL DEFAULT nextval('import_heading_id_seq'::regclass),
  unit_id integer NOT NULL,
  word character varying(60) NOT NULL,
  means character varying(32),
  made_by_id integer,
  made_at timestamp without time zone NOT NULL,
  CONSTRAINT ck_import_heading_rostercolumn CHECK (((means)::text = ANY ((ARRAY['name'::character varying, 'gender'::character varying, 'birth'::character varying, 'phone'::character varying, 'community'::character varying, 'branch'::character varying, 'stage'::character varying, 'stage_on'::character varying, 'joined'::character varying, 'reported'::character varying, 'note'::character varying, 'id_number'::character varying])::text[]))),
  CONSTRAINT fk_import_heading_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_import_heading_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_import_heading PRIMARY KEY (id),
  CONSTRAINT uq_import_heading_unit_id_word UNIQUE (unit_id, word)
);

CREATE INDEX ix_import_heading_made_by_id ON public.import_heading USING btree (made_by_id);

CREATE TABLE import_question (
  batch_id integer NOT NULL,
  "row" integer NOT NULL,
  person_id integer,
  answer character varying(32),
  decided_by_id integer,
  decided_at timestamp without time zone,
  with_row integer,
  CONSTRAINT ck_import_question_answer CHECK (((answer)::text = ANY ((ARRAY['same'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_import_question_decided CHECK (((answer IS NULL) OR (decided_at IS NOT NULL))),
  CONSTRAINT fk_import_question_batch_id_import_batch FOREIGN KEY (batch_id) REFERENCES import_batch(id),
  CONSTRAINT fk_import_question_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT pk_import_question PRIMARY KEY (batch_id, "row")
);

CREATE INDEX ix_import_question_decided_by_id ON public.import_question USING btree (decided_by_id);

CREATE TABLE import_remark (
  id bigint NOT NULL DEFAULT nextval('import_remark_id_seq'::regclass),
  batch_id integer NOT NULL,
  "row" integer NOT NULL,
  refuses boolean NOT NULL,
  name character varying(60) NOT NULL,
  column_title character varying(60) NOT NULL,
  value character varying(120) NOT NULL,
  reason character varying(200) NOT NULL,
  raw json,
  CONSTRAINT fk_import_remark_batch_id_import_batch FOREIGN KEY (batch_id) REFERENCES import_batch(id),
  CONSTRAINT pk_import_remark PRIMARY KEY (id)
);

CREATE INDEX ix_import_remark_batch ON public.import_remark USING btree (batch_id, refuses, "row");

CREATE TABLE import_row (
  batch_id integer NOT NULL,
  "row" integer NOT NULL,
  verdict character varying(32) NOT NULL,
  person_id integer,
  name character varying(40) NOT NULL,
  phone character varying(20) NOT NULL,
  gender character varying(32),
  birth_date date,
  stage character varying(32),
  stage_on date,
  note character varying(200) NOT NULL,
  home_key integer,
  reported_key integer,
  written_at timestamp without time zone,
  initials character varying(40) NOT NULL DEFAULT ''::character varying,
  asks character varying(32),
  CONSTRAINT ck_import_row_ask CHECK (((asks)::text = ANY ((ARRAY['card'::character varying, 'phone'::character varying, 'share'::character varying])::text[]))),
  CONSTRAINT ck_import_row_gender CHECK (((gender)::text = ANY ((ARRAY['male'::character varying, 'female'::character varying])::text[]))),
  CONSTRAINT ck_import_row_stagekind CHECK (((stage)::text = ANY ((ARRAY['masses'::character varying, 'applicant'::character varying, 'activist'::character varying, 'candidate'::character varying, 'probationary'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT ck_import_row_verdict CHECK (((verdict)::text = ANY ((ARRAY['new'::character varying, 'changed'::character varying, 'unchanged'::character varying, 'refused'::character varying])::text[]))),
  CONSTRAINT fk_import_row_batch_id_import_batch FOREIGN KEY (batch_id) REFERENCES import_batch(id),
  CONSTRAINT fk_import_row_home FOREIGN KEY (batch_id, home_key) REFERENCES import_unit(batch_id, key),
  CONSTRAINT fk_import_row_reported FOREIGN KEY (batch_id, reported_key) REFERENCES import_unit(batch_id, key),
  CONSTRAINT pk_import_row PRIMARY KEY (batch_id, "row")
);

CREATE INDEX ix_import_row_person ON public.import_row USING btree (person_id);

CREATE INDEX ix_import_row_verdict ON public.import_row USING btree (batch_id, verdict, "row");

CREATE TABLE import_unit (
  batch_id integer NOT NULL,
  key integer NOT NULL,
  name character varying(80) NOT NULL,
  kind character varying(32) NOT NULL,
  parent_key integer,
  is_new boolean NOT NULL,
  people integer NOT NULL,
  unit_id integer,
  likes character varying(80) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_import_unit_unitkind CHECK (((kind)::text = ANY ((ARRAY['subdistrict'::character varying, 'community'::character varying, 'general_branch'::character varying, 'branch'::character varying, 'group'::character varying, 'team'::character varying, 'neighbours'::character varying, 'self_governance'::character varying, 'society'::character varying, 'owners_committee'::character varying])::text[]))),
  CONSTRAINT fk_import_unit_batch_id_import_batch FOREIGN KEY (batch_id) REFERENCES import_batch(id),
  CONSTRAINT pk_import_unit PRIMARY KEY (batch_id, key)
);

CREATE TABLE job_run (
  id integer NOT NULL DEFAULT nextval('job_run_id_seq'::regclass),
  name character varying(40) NOT NULL,
  host character varying(80) NOT NULL,
  started_at timestamp without time zone NOT NULL,
  ended_at timestamp without time zone,
  outcome character varying(32),
  said character varying(400) NOT NULL,
  CONSTRAINT ck_job_run_ended CHECK (((ended_at IS NULL) = (outcome IS NULL))),
  CONSTRAINT ck_job_run_name CHECK (((name)::text <> ''::text)),
  CONSTRAINT ck_job_run_outcome CHECK (((outcome)::text = ANY ((ARRAY['done'::character varying, 'failed'::character varying, 'lost'::character varying])::text[]))),
  CONSTRAINT pk_job_run PRIMARY KEY (id)
);

CREATE INDEX ix_job_run_name ON public.job_run USING btree (name, started_at);

CREATE UNIQUE INDEX uq_job_run_running ON public.job_run USING btree (name) WHERE (ended_at IS NULL);

CREATE TABLE limit_use (
  name character varying(40) NOT NULL,
  who character varying(64) NOT NULL,
  used integer NOT NULL,
  until timestamp without time zone NOT NULL,
  CONSTRAINT ck_limit_use_used CHECK ((used > 0)),
  CONSTRAINT pk_limit_use PRIMARY KEY (name, who)
);

CREATE INDEX ix_limit_use_until ON public.limit_use USING btree (until);

CREATE TABLE member_card (
  id integer NOT NULL DEFAULT nextval('member_card_id_seq'::regclass),
  person_id integer NOT NULL,
  number integer NOT NULL,
  issued_at timestamp without time zone NOT NULL,
  issued_by_id integer NOT NULL,
  revoked_at timestamp without time zone,
  revoked_by_id integer,
  CONSTRAINT ck_member_card_dated CHECK (((revoked_at IS NULL) OR (revoked_at >= issued_at))),
  CONSTRAINT ck_member_card_number CHECK ((number > 0)),
  CONSTRAINT ck_member_card_revoked CHECK (((revoked_at IS NULL) = (revoked_by_id IS NULL))),
  CONSTRAINT fk_member_card_issued_by_id_person FOREIGN KEY (issued_by_id) REFERENCES person(id),
  CONSTRAINT fk_member_card_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_member_card_revoked_by_id_person FOREIGN KEY (revoked_by_id) REFERENCES person(id),
  CONSTRAINT pk_member_card PRIMARY KEY (id),
  CONSTRAINT uq_member_card_person_id_number UNIQUE (person_id, number)
);

CREATE UNIQUE INDEX uq_member_card_valid ON public.member_card USING btree (person_id) WHERE (revoked_at IS NULL);

CREATE TRIGGER member_card_of_who_is_erased BEFORE INSERT ON public.member_card FOR EACH ROW EXECUTE FUNCTION member_card_of_who_is_erased();

CREATE TABLE membership (
  id integer NOT NULL DEFAULT nextval('membership_id_seq'::regclass),
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  kind character varying(32) NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_membership_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT ck_membership_membershipkind CHECK (((kind)::text = ANY ((ARRAY['home'::character varying, 'reported'::character varying, 'team'::character varying, 'neighbours'::character varying, 'resident'::character varying])::text[]))),
  CONSTRAINT fk_membership_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_membership_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_membership PRIMARY KEY (id)
);

CREATE INDEX ix_membership_person ON public.membership USING btree (person_id);

CREATE INDEX ix_membership_unit ON public.membership USING btree (unit_id, kind, valid_to);

CREATE UNIQUE INDEX uq_membership_home ON public.membership USING btree (person_id) WHERE ((valid_to IS NULL) AND ((kind)::text = 'home'::text));

CREATE UNIQUE INDEX uq_membership_open ON public.membership USING btree (person_id, unit_id, kind) WHERE (valid_to IS NULL);

CREATE UNIQUE INDEX uq_membership_reported ON public.membership USING btree (person_id) WHERE ((valid_to IS NULL) AND ((kind)::text = 'reported'::text));

CREATE TRIGGER membership_of_who_is_erased BEFORE INSERT ON public.membership FOR EACH ROW EXECUTE FUNCTION membership_of_who_is_erased();

CREATE TRIGGER membership_open_unit BEFORE INSERT OR UPDATE OF unit_id, valid_to ON public.membership FOR EACH ROW WHEN ((new.valid_to IS NULL)) EXECUTE FUNCTION membership_open_unit();

CREATE TABLE merge (
  id integer NOT NULL DEFAULT nextval('merge_id_seq'::regclass),
  stays_id integer NOT NULL,
  goes_id integer NOT NULL,
  reason character varying(200) NOT NULL,
  seen character varying(64) NOT NULL,
  proposed_by_id integer NOT NULL,
  proposed_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  merged_at timestamp without time zone,
  undo_at timestamp without time zone,
  undo_by_id integer,
  undo_reason character varying(200) NOT NULL DEFAULT ''::character varying,
  undone_at timestamp without time zone,
  CONSTRAINT ck_merge_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_merge_decided CHECK ((((decided_at IS NULL) = (verdict IS NULL)) AND ((decided_at IS NULL) = (decided_by_id IS NULL)))),
  CONSTRAINT ck_merge_merged CHECK (((merged_at IS NULL) OR ((verdict)::text = 'approved'::text))),
  CONSTRAINT ck_merge_mergeverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_merge_not_oneself CHECK (((proposed_by_id <> stays_id) AND (proposed_by_id <> goes_id))),
  CONSTRAINT ck_merge_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_merge_two_people CHECK (((decided_by_id IS NULL) OR ((((verdict)::text = 'withdrawn'::text) = (decided_by_id = proposed_by_id)) AND ((decided_by_id <> stays_id) AND (decided_by_id <> goes_id))))),
  CONSTRAINT ck_merge_two_records CHECK ((stays_id <> goes_id)),
  CONSTRAINT ck_merge_undo CHECK ((((undo_at IS NULL) = (undo_by_id IS NULL)) AND ((undo_at IS NULL) OR ((merged_at IS NOT NULL) AND ((undo_reason)::text <> ''::text))))),
  CONSTRAINT ck_merge_undone CHECK (((undone_at IS NULL) OR (undo_at IS NOT NULL))),
  CONSTRAINT ck_merge_undone_by_another CHECK (((undo_by_id IS NULL) OR ((undo_by_id <> stays_id) AND (undo_by_id <> goes_id)))),
  CONSTRAINT fk_merge_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_merge_goes_id_person FOREIGN KEY (goes_id) REFERENCES person(id),
  CONSTRAINT fk_merge_proposed_by_id_person FOREIGN KEY (proposed_by_id) REFERENCES person(id),
  CONSTRAINT fk_merge_stays_id_person FOREIGN KEY (stays_id) REFERENCES person(id),
  CONSTRAINT fk_merge_undo_by_id_person FOREIGN KEY (undo_by_id) REFERENCES person(id),
  CONSTRAINT pk_merge PRIMARY KEY (id)
);

CREATE INDEX ix_merge_stays ON public.merge USING btree (stays_id);

CREATE UNIQUE INDEX uq_merge_goes ON public.merge USING btree (goes_id) WHERE (((verdict IS NULL) OR ((verdict)::text = 'approved'::text)) AND (undone_at IS NULL));

CREATE TRIGGER merge_fixed BEFORE UPDATE OF stays_id, goes_id, seen, proposed_by_id, proposed_at ON public.merge FOR EACH ROW EXECUTE FUNCTION merge_fixed();

CREATE TRIGGER merge_kept BEFORE DELETE ON public.merge FOR EACH ROW EXECUTE FUNCTION merge_kept();

CREATE TRIGGER merge_moved BEFORE UPDATE OF merged_at ON public.merge FOR EACH ROW EXECUTE FUNCTION merge_moved();

CREATE TRIGGER merge_of_who_is_erased BEFORE UPDATE OF undo_at ON public.merge FOR EACH ROW EXECUTE FUNCTION merge_of_who_is_erased();

CREATE TRIGGER merge_once BEFORE UPDATE OF verdict, decided_at, decided_by_id ON public.merge FOR EACH ROW EXECUTE FUNCTION merge_once();

CREATE TRIGGER merge_undo BEFORE UPDATE OF undo_at, undo_by_id ON public.merge FOR EACH ROW EXECUTE FUNCTION merge_undo();

CREATE TRIGGER merge_undone BEFORE UPDATE OF undone_at ON public.merge FOR EACH ROW EXECUTE FUNCTION merge_undone();

CREATE TRIGGER merge_words BEFORE UPDATE OF reason, answer, undo_reason ON public.merge FOR EACH ROW EXECUTE FUNCTION merge_words();

CREATE TABLE merge_note_entry (
  id bigint NOT NULL DEFAULT nextval('merge_note_entry_id_seq'::regclass),
  merge_id integer NOT NULL,
  table_name character varying(40) NOT NULL,
  row_key bigint NOT NULL,
  before json NOT NULL,
  after json NOT NULL,
  CONSTRAINT fk_merge_note_entry_merge_id_merge FOREIGN KEY (merge_id) REFERENCES merge(id),
  CONSTRAINT pk_merge_note_entry PRIMARY KEY (id)
);

CREATE INDEX ix_merge_note_entry_merge ON public.merge_note_entry USING btree (merge_id);

CREATE TRIGGER merge_note_entry_append_only BEFORE DELETE OR UPDATE ON public.merge_note_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER merge_note_entry_no_truncate BEFORE TRUNCATE ON public.merge_note_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE merge_source_entry (
  id bigint NOT NULL DEFAULT nextval('merge_source_entry_id_seq'::regclass),
  merge_id integer NOT NULL,
  source_kind character varying(32) NOT NULL,
  source_id bigint NOT NULL,
  uncounted boolean NOT NULL,
  CONSTRAINT ck_merge_source_entry_sourcekind CHECK (((source_kind)::text = ANY ((ARRAY['attendance'::character varying, 'claim'::character varying, 'import'::character varying, 'correction'::character varying, 'honour'::character varying, 'manual'::character varying, 'evened'::character varying])::text[]))),
  CONSTRAINT fk_merge_source_entry_merge_id_merge FOREIGN KEY (merge_id) REFERENCES merge(id),
  CONSTRAINT pk_merge_source_entry PRIMARY KEY (id),
  CONSTRAINT uq_merge_source_entry_merge_id_source_kind_source_id UNIQUE (merge_id, source_kind, source_id)
);

CREATE TRIGGER merge_source_entry_append_only BEFORE DELETE OR UPDATE ON public.merge_source_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER merge_source_entry_no_truncate BEFORE TRUNCATE ON public.merge_source_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE notice (
  id integer NOT NULL DEFAULT nextval('notice_id_seq'::regclass),
  person_id integer NOT NULL,
  text character varying(200) NOT NULL,
  url character varying(200) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  read_at timestamp without time zone,
  about_id integer,
  CONSTRAINT fk_notice_about_id_person FOREIGN KEY (about_id) REFERENCES person(id),
  CONSTRAINT fk_notice_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_notice PRIMARY KEY (id)
);

CREATE INDEX ix_notice_about ON public.notice USING btree (about_id) WHERE (about_id IS NOT NULL);

CREATE INDEX ix_notice_person ON public.notice USING btree (person_id, read_at);

CREATE TABLE objection (
  id integer NOT NULL DEFAULT nextval('objection_id_seq'::regclass),
  publicity_id integer NOT NULL,
  unit_id integer NOT NULL,
  about_id integer,
  way character varying(32) NOT NULL,
  by_id integer,
  by_name character varying(40) NOT NULL,
  by_phone character varying(20) NOT NULL,
  said character varying(500) NOT NULL,
  received_on date NOT NULL,
  received_at timestamp without time zone NOT NULL,
  keyed_by_id integer,
  acknowledged_at timestamp without time zone,
  acknowledged_by_id integer,
  answered_at timestamp without time zone,
  answered_by_id integer,
  verdict character varying(32),
  answer character varying(500) NOT NULL DEFAULT ''::character varying,
  acknowledge_by date,
  answer_by date,
  CONSTRAINT ck_objection_acknowledged CHECK (((acknowledged_at IS NULL) = (acknowledged_by_id IS NULL))),
  CONSTRAINT ck_objection_another CHECK (((answered_by_id IS NULL) OR (((by_id IS NULL) OR (answered_by_id <> by_id)) AND ((about_id IS NULL) OR (answered_by_id <> about_id)) AND ((keyed_by_id IS NULL) OR (answered_by_id <> keyed_by_id))))),
  CONSTRAINT ck_objection_answered CHECK ((((answered_at IS NULL) = (answered_by_id IS NULL)) AND ((answered_at IS NULL) = (verdict IS NULL)) AND ((answered_at IS NULL) OR (((answer)::text <> ''::text) AND (acknowledged_at IS NOT NULL))))),
  CONSTRAINT ck_objection_keyed CHECK ((((way)::text = 'online'::text) = (keyed_by_id IS NULL))),
  CONSTRAINT ck_objection_keyed_for_another CHECK (((keyed_by_id IS NULL) OR (by_id IS NULL) OR (keyed_by_id <> by_id))),
  CONSTRAINT ck_objection_own CHECK ((((way)::text <> 'online'::text) OR (by_id IS NOT NULL))),
  CONSTRAINT ck_objection_somebody CHECK (((by_id IS NOT NULL) OR ((by_name)::text <> ''::text))),
  CONSTRAINT ck_objection_verdict CHECK (((verdict)::text = ANY ((ARRAY['upheld'::character varying, 'rejected'::character varying])::text[]))),
  CONSTRAINT ck_objection_way CHECK (((way)::text = ANY ((ARRAY['online'::character varying, 'in_person'::character varying, 'phone'::character varying, 'letter'::character varying])::text[]))),
  CONSTRAINT fk_objection_about_id_person FOREIGN KEY (about_id) REFERENCES person(id),
  CONSTRAINT fk_objection_acknowledged_by_id_person FOREIGN KEY (acknowledged_by_id) REFERENCES person(id),
  CONSTRAINT fk_objection_answered_by_id_person FOREIGN KEY (answered_by_id) REFERENCES person(id),
  CONSTRAINT fk_objection_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_objection_keyed_by_id_person FOREIGN KEY (keyed_by_id) REFERENCES person(id),
  CONSTRAINT fk_objection_publicity_id_publicity FOREIGN KEY (publicity_id) REFERENCES publicity(id),
  CONSTRAINT fk_objection_publicity_id_publicity_line FOREIGN KEY (publicity_id, about_id) REFERENCES publicity_line(publicity_id, person_id),
  CONSTRAINT fk_objection_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_objection PRIMARY KEY (id)
);

CREATE INDEX ix_objection_by ON public.objection USING btree (by_id);

CREATE INDEX ix_objection_publicity ON public.objection USING btree (publicity_id, answered_at);

CREATE INDEX ix_objection_waits ON public.objection USING btree (received_at) WHERE (answered_at IS NULL);

CREATE TRIGGER objection_due BEFORE INSERT ON public.objection FOR EACH ROW EXECUTE FUNCTION objection_due();

CREATE TRIGGER objection_no_truncate BEFORE TRUNCATE ON public.objection FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER objection_on_delete BEFORE DELETE ON public.objection FOR EACH ROW EXECUTE FUNCTION objection_on_delete();

CREATE TRIGGER objection_on_insert BEFORE INSERT ON public.objection FOR EACH ROW EXECUTE FUNCTION objection_on_insert();

CREATE TRIGGER objection_on_update BEFORE UPDATE OF id, publicity_id, unit_id, about_id, way, by_id, received_on, received_at, keyed_by_id, acknowledged_at, acknowledged_by_id, answered_at, answered_by_id, verdict, acknowledge_by, answer_by ON public.objection FOR EACH ROW EXECUTE FUNCTION objection_on_update();

CREATE TRIGGER objection_words BEFORE UPDATE OF by_name, by_phone, said, answer ON public.objection FOR EACH ROW EXECUTE FUNCTION objection_words();

CREATE TABLE offer (
  id integer NOT NULL DEFAULT nextval('offer_id_seq'::regclass),
  unit_id integer NOT NULL,
  kind character varying(32) NOT NULL,
  title character varying(40) NOT NULL,
  words character varying(400) NOT NULL DEFAULT ''::character varying,
  seats integer,
  taken integer NOT NULL DEFAULT 0,
  opens_on date NOT NULL,
  last_day date,
  closed_on date,
  made_by_id integer,
  made_at timestamp without time zone NOT NULL,
  CONSTRAINT ck_offer_dated CHECK (((last_day IS NULL) OR (last_day >= opens_on))),
  CONSTRAINT ck_offer_offerkind CHECK (((kind)::text = ANY ((ARRAY['post'::character varying, 'project'::character varying, 'wish'::character varying])::text[]))),
  CONSTRAINT ck_offer_seats CHECK ((seats > 0)),
  CONSTRAINT ck_offer_taken CHECK (((taken >= 0) AND ((seats IS NULL) OR (taken <= seats)))),
  CONSTRAINT fk_offer_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_offer_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_offer PRIMARY KEY (id)
);

CREATE INDEX ix_offer_unit ON public.offer USING btree (unit_id, closed_on);

CREATE TABLE opening_figure_entry (
  id bigint NOT NULL DEFAULT nextval('opening_figure_entry_id_seq'::regclass),
  figure character varying(32) NOT NULL,
  amount bigint,
  as_of date NOT NULL,
  source character varying(120) NOT NULL,
  recorded_at timestamp without time zone NOT NULL,
  recorded_by_id integer NOT NULL,
  CONSTRAINT ck_opening_figure_entry_amount CHECK ((amount >= 0)),
  CONSTRAINT ck_opening_figure_entry_figure CHECK (((figure)::text = ANY ((ARRAY['communities'::character varying, 'organisations'::character varying, 'members'::character varying, 'teams'::character varying, 'neighbours'::character varying, 'self_governance'::character varying, 'societies'::character varying, 'owners_committees'::character varying, 'heads'::character varying, 'stations'::character varying, 'activities'::character varying, 'served'::character varying, 'volunteers'::character varying, 'scanned'::character varying, 'named'::character varying, 'hygiene'::character varying, 'facilities'::character varying, 'disputes'::character varying, 'public_safety'::character varying, 'hazards'::character varying, 'parking'::character varying, 'lifts'::character varying, 'fund_spent'::character varying, 'fund_projects'::character varying, 'fund_people'::character varying])::text[]))),
  CONSTRAINT ck_opening_figure_entry_source CHECK (((source)::text <> ''::text)),
  CONSTRAINT fk_opening_figure_entry_recorded_by_id_person FOREIGN KEY (recorded_by_id) REFERENCES person(id),
  CONSTRAINT pk_opening_figure_entry PRIMARY KEY (id)
);

CREATE TRIGGER opening_figure_entry_append_only BEFORE DELETE OR UPDATE ON public.opening_figure_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER opening_figure_entry_no_truncate BEFORE TRUNCATE ON public.opening_figure_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE opening_word_entry (
  id bigint NOT NULL DEFAULT nextval('opening_word_entry_id_seq'::regclass),
  opening_id bigint NOT NULL,
  confirmed boolean NOT NULL,
  said_at timestamp without time zone NOT NULL,
  said_by_id integer NOT NULL,
  CONSTRAINT fk_opening_word_entry_opening_id_opening_figure_entry FOREIGN KEY (opening_id) REFERENCES opening_figure_entry(id),
  CONSTRAINT fk_opening_word_entry_said_by_id_person FOREIGN KEY (said_by_id) REFERENCES person(id),
  CONSTRAINT pk_opening_word_entry PRIMARY KEY (id),
  CONSTRAINT uq_opening_word_entry_opening_id UNIQUE (opening_id)
);

CREATE TRIGGER opening_word_entry_append_only BEFORE DELETE OR UPDATE ON public.opening_word_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER opening_word_entry_no_truncate BEFORE TRUNCATE ON public.opening_word_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER opening_word_entry_two_people BEFORE INSERT ON public.opening_word_entry FOR EACH ROW EXECUTE FUNCTION opening_word_entry_two_people();

CREATE TABLE pack_withdrawal (
  id integer NOT NULL DEFAULT nextval('pack_withdrawal_id_seq'::regclass),
  pack_id integer NOT NULL,
  withdrawn_at timestamp without time zone NOT NULL,
  withdrawn_by_id integer NOT NULL,
  reason character varying(200) NOT NULL,
  CONSTRAINT ck_pack_withdrawal_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT fk_pack_withdrawal_pack_id_confirmed_pack FOREIGN KEY (pack_id) REFERENCES confirmed_pack(id),
  CONSTRAINT fk_pack_withdrawal_withdrawn_by_id_person FOREIGN KEY (withdrawn_by_id) REFERENCES person(id),
  CONSTRAINT pk_pack_withdrawal PRIMARY KEY (id),
  CONSTRAINT uq_pack_withdrawal_pack_id UNIQUE (pack_id)
);

CREATE TRIGGER pack_withdrawal_append_only BEFORE DELETE OR UPDATE ON public.pack_withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER pack_withdrawal_no_truncate BEFORE TRUNCATE ON public.pack_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER pack_withdrawal_second_person BEFORE INSERT ON public.pack_withdrawal FOR EACH ROW EXECUTE FUNCTION pack_withdrawal_second_person();

CREATE TABLE panel (
  project_id integer NOT NULL,
  need integer NOT NULL,
  fit integer NOT NULL,
  participation integer NOT NULL,
  feasibility integer NOT NULL,
  novelty integer NOT NULL,
  durability integer NOT NULL,
  budget integer NOT NULL,
  named_at timestamp without time zone NOT NULL,
  named_by_id integer NOT NULL,
  CONSTRAINT ck_panel_weights CHECK (((need >= 0) AND (fit >= 0) AND (participation >= 0) AND (feasibility >= 0) AND (novelty >= 0) AND (durability >= 0) AND (budget >= 0) AND (((((((need + fit) + participation) + feasibility) + novelty) + durability) + budget) = 100))),
  CONSTRAINT fk_panel_named_by_id_person FOREIGN KEY (named_by_id) REFERENCES person(id),
  CONSTRAINT fk_panel_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT pk_panel PRIMARY KEY (project_id)
);

CREATE TRIGGER panel_append_only BEFORE DELETE OR UPDATE ON public.panel FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER panel_named BEFORE INSERT ON public.panel FOR EACH ROW EXECUTE FUNCTION panel_named();

CREATE TRIGGER panel_no_truncate BEFORE TRUNCATE ON public.panel FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE panel_aside_entry (
  id bigint NOT NULL DEFAULT nextval('panel_aside_entry_id_seq'::regclass),
  project_id integer NOT NULL,
  person_id integer NOT NULL,
  at timestamp without time zone NOT NULL,
  by_id integer NOT NULL,
  reason character varying(200) NOT NULL,
  CONSTRAINT ck_panel_aside_entry_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT fk_panel_aside_entry_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_panel_aside_entry_project_id_panel_seat FOREIGN KEY (project_id, person_id) REFERENCES panel_seat(project_id, person_id),
  CONSTRAINT pk_panel_aside_entry PRIMARY KEY (id),
  CONSTRAINT uq_panel_aside_entry_project_id_person_id UNIQUE (project_id, person_id)
);

CREATE TRIGGER panel_aside_entry_append_only BEFORE DELETE OR UPDATE ON public.panel_aside_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER panel_aside_entry_no_truncate BEFORE TRUNCATE ON public.panel_aside_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER panel_aside_open BEFORE INSERT ON public.panel_aside_entry FOR EACH ROW EXECUTE FUNCTION panel_aside_open();

CREATE TABLE panel_score_entry (
  id bigint NOT NULL DEFAULT nextval('panel_score_entry_id_seq'::regclass),
  project_id integer NOT NULL,
  person_id integer NOT NULL,
  at timestamp without time zone NOT NULL,
  need integer NOT NULL,
  fit integer NOT NULL,
  participation integer NOT NULL,
  feasibility integer NOT NULL,
  novelty integer NOT NULL,
  durability integer NOT NULL,
  budget integer NOT NULL,
  words character varying(300) NOT NULL,
  CONSTRAINT ck_panel_score_entry_range CHECK ((((need >= 0) AND (need <= 100)) AND ((fit >= 0) AND (fit <= 100)) AND ((participation >= 0) AND (participation <= 100)) AND ((feasibility >= 0) AND (feasibility <= 100)) AND ((novelty >= 0) AND (novelty <= 100)) AND ((durability >= 0) AND (durability <= 100)) AND ((budget >= 0) AND (budget <= 100)))),
  CONSTRAINT ck_panel_score_entry_words CHECK (((words)::text <> ''::text)),
  CONSTRAINT fk_panel_score_entry_project_id_panel_seat FOREIGN KEY (project_id, person_id) REFERENCES panel_seat(project_id, person_id),
  CONSTRAINT pk_panel_score_entry PRIMARY KEY (id),
  CONSTRAINT uq_panel_score_entry_project_id_person_id UNIQUE (project_id, person_id)
);

CREATE TRIGGER panel_score_entry_append_only BEFORE DELETE OR UPDATE ON public.panel_score_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER panel_score_entry_no_truncate BEFORE TRUNCATE ON public.panel_score_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER panel_score_open BEFORE INSERT ON public.panel_score_entry FOR EACH ROW EXECUTE FUNCTION panel_score_open();

CREATE TABLE panel_seat (
  project_id integer NOT NULL,
  person_id integer NOT NULL,
  named_at timestamp without time zone NOT NULL,
  named_by_id integer NOT NULL,
  CONSTRAINT fk_panel_seat_named_by_id_person FOREIGN KEY (named_by_id) REFERENCES person(id),
  CONSTRAINT fk_panel_seat_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_panel_seat_project_id_panel FOREIGN KEY (project_id) REFERENCES panel(project_id),
  CONSTRAINT pk_panel_seat PRIMARY KEY (project_id, person_id)
);

CREATE INDEX ix_panel_seat_person ON public.panel_seat USING btree (person_id);

CREATE TRIGGER panel_seat_append_only BEFORE DELETE OR UPDATE ON public.panel_seat FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER panel_seat_free BEFORE INSERT ON public.panel_seat FOR EACH ROW EXECUTE FUNCTION panel_seat_free();

CREATE TRIGGER panel_seat_made BEFORE INSERT ON public.panel_seat FOR EACH ROW EXECUTE FUNCTION panel_seat_made();

CREATE TRIGGER panel_seat_no_truncate BEFORE TRUNCATE ON public.panel_seat FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE past_hour (
  id bigint NOT NULL DEFAULT nextval('past_hour_id_seq'::regclass),
  batch_id integer NOT NULL,
  "row" integer NOT NULL,
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  served_on date NOT NULL,
  kind character varying(32) NOT NULL,
  words character varying(80) NOT NULL,
  source character varying(80) NOT NULL,
  minutes integer NOT NULL,
  undone_at timestamp without time zone,
  CONSTRAINT ck_past_hour_hourkind CHECK (((kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying])::text[]))),
  CONSTRAINT ck_past_hour_source CHECK (((source)::text <> ''::text)),
  CONSTRAINT ck_past_hour_within_a_day CHECK (((minutes > 0) AND (minutes <= 1440))),
  CONSTRAINT fk_past_hour_batch_id_register_batch FOREIGN KEY (batch_id) REFERENCES register_batch(id),
  CONSTRAINT fk_past_hour_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_past_hour_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_past_hour PRIMARY KEY (id)
);

CREATE INDEX ix_past_hour_batch ON public.past_hour USING btree (batch_id, "row");

CREATE INDEX ix_past_hour_person_id ON public.past_hour USING btree (person_id);

CREATE UNIQUE INDEX uq_past_hour_stands ON public.past_hour USING btree (person_id, served_on, words) WHERE (undone_at IS NULL);

CREATE TABLE person (
  id integer NOT NULL DEFAULT nextval('person_id_seq'::regclass),
  name character varying(40) NOT NULL,
  gender character varying(32),
  birth_date date,
  origin character varying(32) NOT NULL,
  note character varying(200) NOT NULL DEFAULT ''::character varying,
  recorded_at timestamp without time zone NOT NULL,
  confirmed_at timestamp without time zone,
  confirmed_by_id integer,
  became_id integer,
  initials character varying(40) NOT NULL DEFAULT ''::character varying,
  minor_until date,
  erased_at timestamp without time zone,
  CONSTRAINT ck_person_gender CHECK (((gender)::text = ANY ((ARRAY['male'::character varying, 'female'::character varying])::text[]))),
  CONSTRAINT ck_person_origin CHECK (((origin)::text = ANY ((ARRAY['roster'::character varying, 'self'::character varying, 'staff'::character varying])::text[]))),
  CONSTRAINT fk_person_became_id_person FOREIGN KEY (became_id) REFERENCES person(id),
  CONSTRAINT fk_person_confirmed_by_id_person FOREIGN KEY (confirmed_by_id) REFERENCES person(id),
  CONSTRAINT pk_person PRIMARY KEY (id)
);

CREATE INDEX ix_person_became_id ON public.person USING btree (became_id) WHERE (became_id IS NOT NULL);

CREATE INDEX ix_person_confirmed_by_id ON public.person USING btree (confirmed_by_id);

CREATE INDEX ix_person_erased_at ON public.person USING btree (erased_at) WHERE (erased_at IS NOT NULL);

CREATE INDEX ix_person_initials ON public.person USING btree (initials);

CREATE INDEX ix_person_name ON public.person USING btree (name);

CREATE TRIGGER person_erased_bare BEFORE UPDATE OF erased_at ON public.person FOR EACH ROW EXECUTE FUNCTION person_erased_bare();

CREATE TRIGGER person_erased_stays BEFORE UPDATE OF name, gender, birth_date, note, initials, minor_until, erased_at ON public.person FOR EACH ROW EXECUTE FUNCTION person_erased_stays();

CREATE TABLE person_difference (
  id integer NOT NULL DEFAULT nextval('person_difference_id_seq'::regclass),
  low_id integer NOT NULL,
  high_id integer NOT NULL,
  reason character varying(200) NOT NULL DEFAULT ''::character varying,
  said_by_id integer NOT NULL,
  said_at timestamp without time zone NOT NULL,
  ended_at timestamp without time zone,
  ended_by_id integer,
  CONSTRAINT ck_person_difference_ended CHECK (((ended_at IS NULL) = (ended_by_id IS NULL))),
  CONSTRAINT ck_person_difference_in_order CHECK ((low_id < high_id)),
  CONSTRAINT fk_person_difference_ended_by_id_person FOREIGN KEY (ended_by_id) REFERENCES person(id),
  CONSTRAINT fk_person_difference_high_id_person FOREIGN KEY (high_id) REFERENCES person(id),
  CONSTRAINT fk_person_difference_low_id_person FOREIGN KEY (low_id) REFERENCES person(id),
  CONSTRAINT fk_person_difference_said_by_id_person FOREIGN KEY (said_by_id) REFERENCES person(id),
  CONSTRAINT pk_person_difference PRIMARY KEY (id)
);

CREATE INDEX ix_person_difference_high ON public.person_difference USING btree (high_id);

CREATE UNIQUE INDEX uq_person_difference_open ON public.person_difference USING btree (low_id, high_id) WHERE (ended_at IS NULL);

CREATE TRIGGER person_difference_ended BEFORE UPDATE OF ended_at, ended_by_id ON public.person_difference FOR EACH ROW EXECUTE FUNCTION person_difference_ended();

CREATE TRIGGER person_difference_fixed BEFORE UPDATE OF low_id, high_id, said_by_id, said_at ON public.person_difference FOR EACH ROW EXECUTE FUNCTION person_difference_fixed();

CREATE TRIGGER person_difference_kept BEFORE DELETE ON public.person_difference FOR EACH ROW EXECUTE FUNCTION person_difference_kept();

CREATE TRIGGER person_difference_words BEFORE UPDATE OF reason ON public.person_difference FOR EACH ROW EXECUTE FUNCTION person_difference_words();

CREATE TABLE person_key (
  person_id integer NOT NULL,
  wrapped character varying(120),
  wrapped_by character varying(12),
  destroyed_at timestamp without time zone,
  CONSTRAINT ck_person_key_destroyed CHECK (((wrapped IS NULL) = (destroyed_at IS NOT NULL))),
  CONSTRAINT ck_person_key_wrapped_by CHECK (((wrapped IS NULL) = (wrapped_by IS NULL))),
  CONSTRAINT fk_person_key_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_person_key PRIMARY KEY (person_id)
);

CREATE INDEX ix_person_key_wrapped_by ON public.person_key USING btree (wrapped_by, person_id);

CREATE TRIGGER person_key_stays_destroyed BEFORE UPDATE ON public.person_key FOR EACH ROW EXECUTE FUNCTION person_key_stays_destroyed();

CREATE TABLE phone (
  id integer NOT NULL DEFAULT nextval('phone_id_seq'::regclass),
  person_id integer NOT NULL,
  number character varying(20) NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_phone_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT fk_phone_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_phone PRIMARY KEY (id)
);

CREATE INDEX ix_phone_number ON public.phone USING btree (number);

CREATE INDEX ix_phone_person ON public.phone USING btree (person_id);

CREATE UNIQUE INDEX uq_phone_open ON public.phone USING btree (person_id, number) WHERE (valid_to IS NULL);

CREATE TRIGGER phone_of_who_is_erased BEFORE INSERT ON public.phone FOR EACH ROW EXECUTE FUNCTION phone_of_who_is_erased();

CREATE TABLE place (
  id integer NOT NULL DEFAULT nextval('place_id_seq'::regclass),
  kind character varying(32) NOT NULL,
  name character varying(80) NOT NULL,
  opened_on date NOT NULL,
  closed_on date,
  CONSTRAINT ck_place_placekind CHECK (((kind)::text = ANY ((ARRAY['community'::character varying, 'estate'::character varying, 'building'::character varying, 'stairwell'::character varying, 'service_centre'::character varying, 'station'::character varying])::text[]))),
  CONSTRAINT pk_place PRIMARY KEY (id)
);

CREATE INDEX ix_place_name ON public.place USING btree (name);

CREATE TABLE place_ancestry (
  id integer NOT NULL DEFAULT nextval('place_ancestry_id_seq'::regclass),
  place_id integer NOT NULL,
  ancestor_id integer NOT NULL,
  depth integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_place_ancestry_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT fk_place_ancestry_ancestor_id_place FOREIGN KEY (ancestor_id) REFERENCES place(id),
  CONSTRAINT fk_place_ancestry_place_id_place FOREIGN KEY (place_id) REFERENCES place(id),
  CONSTRAINT pk_place_ancestry PRIMARY KEY (id)
);

CREATE INDEX ix_place_ancestry_down ON public.place_ancestry USING btree (ancestor_id, place_id, valid_from, valid_to);

CREATE UNIQUE INDEX uq_place_ancestry_open ON public.place_ancestry USING btree (place_id, ancestor_id) WHERE (valid_to IS NULL);

CREATE TABLE place_name (
  id integer NOT NULL DEFAULT nextval('place_name_id_seq'::regclass),
  place_id integer NOT NULL,
  name character varying(80) NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL,
  CONSTRAINT ck_place_name_dated CHECK ((valid_to >= valid_from)),
  CONSTRAINT fk_place_name_place_id_place FOREIGN KEY (place_id) REFERENCES place(id),
  CONSTRAINT pk_place_name PRIMARY KEY (id)
);

CREATE INDEX ix_place_name_place_id ON public.place_name USING btree (place_id);

CREATE TABLE place_parent (
  id integer NOT NULL DEFAULT nextval('place_parent_id_seq'::regclass),
  place_id integer NOT NULL,
  parent_id integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_place_parent_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT ck_place_parent_not_itself CHECK ((place_id <> parent_id)),
  CONSTRAINT fk_place_parent_parent_id_place FOREIGN KEY (parent_id) REFERENCES place(id),
  CONSTRAINT fk_place_parent_place_id_place FOREIGN KEY (place_id) REFERENCES place(id),
  CONSTRAINT pk_place_parent PRIMARY KEY (id)
);

CREATE INDEX ix_place_parent_parent_id ON public.place_parent USING btree (parent_id);

CREATE INDEX ix_place_parent_place_id ON public.place_parent USING btree (place_id);

CREATE UNIQUE INDEX uq_place_parent_open ON public.place_parent USING btree (place_id) WHERE (valid_to IS NULL);

CREATE TRIGGER place_parent_holds AFTER INSERT OR UPDATE OF place_id, parent_id, valid_from, valid_to ON public.place_parent FOR EACH ROW EXECUTE FUNCTION place_parent_holds();

CREATE TABLE place_unit (
  id integer NOT NULL DEFAULT nextval('place_unit_id_seq'::regclass),
  place_id integer NOT NULL,
  unit_id integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_place_unit_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT fk_place_unit_place_id_place FOREIGN KEY (place_id) REFERENCES place(id),
  CONSTRAINT fk_place_unit_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_place_unit PRIMARY KEY (id)
);

CREATE INDEX ix_place_unit_unit ON public.place_unit USING btree (unit_id, valid_to);

CREATE UNIQUE INDEX uq_place_unit_open ON public.place_unit USING btree (place_id, unit_id) WHERE (valid_to IS NULL);

CREATE TABLE pledge (
  id integer NOT NULL DEFAULT nextval('pledge_id_seq'::regclass),
  offer_id integer NOT NULL,
  person_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  withdrawn_at timestamp without time zone,
  done_at timestamp without time zone,
  confirmed_by_id integer,
  CONSTRAINT ck_pledge_confirmed CHECK (((done_at IS NULL) = (confirmed_by_id IS NULL))),
  CONSTRAINT ck_pledge_done_or_withdrawn CHECK (((done_at IS NULL) OR (withdrawn_at IS NULL))),
  CONSTRAINT ck_pledge_two_people CHECK (((confirmed_by_id IS NULL) OR (confirmed_by_id <> person_id))),
  CONSTRAINT fk_pledge_confirmed_by_id_person FOREIGN KEY (confirmed_by_id) REFERENCES person(id),
  CONSTRAINT fk_pledge_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_pledge_offer_id_offer FOREIGN KEY (offer_id) REFERENCES offer(id),
  CONSTRAINT fk_pledge_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_pledge PRIMARY KEY (id)
);

CREATE INDEX ix_pledge_person_id ON public.pledge USING btree (person_id);

CREATE UNIQUE INDEX uq_pledge_standing ON public.pledge USING btree (offer_id, person_id) WHERE (withdrawn_at IS NULL);

CREATE TRIGGER pledge_taken AFTER INSERT OR DELETE OR UPDATE OF offer_id, withdrawn_at ON public.pledge FOR EACH ROW EXECUTE FUNCTION count_pledges();

CREATE TABLE point_band (
  scheme_id integer NOT NULL,
  "least" integer NOT NULL,
  name character varying(20) NOT NULL,
  CONSTRAINT ck_point_band_name CHECK (((name)::text <> ''::text)),
  CONSTRAINT fk_point_band_scheme_id_point_scheme FOREIGN KEY (scheme_id) REFERENCES point_scheme(id),
  CONSTRAINT pk_point_band PRIMARY KEY (scheme_id, "least"),
  CONSTRAINT uq_point_band_scheme_id_name UNIQUE (scheme_id, name)
);

CREATE TRIGGER point_band_append_only BEFORE DELETE OR UPDATE ON public.point_band FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER point_band_complete BEFORE INSERT ON public.point_band FOR EACH ROW EXECUTE FUNCTION refuse_point_band();

CREATE TRIGGER point_band_no_truncate BEFORE TRUNCATE ON public.point_band FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE point_entry (
  id bigint NOT NULL DEFAULT nextval('point_entry_id_seq'::regclass),
  person_id integer NOT NULL,
  home_unit_id integer,
  organising_unit_id integer NOT NULL,
  activity_id integer,
  scheme_id integer NOT NULL,
  scheme_kind character varying(32) NOT NULL,
  rule_id integer NOT NULL,
  served_on date NOT NULL,
  booked_on date NOT NULL,
  booked_at timestamp without time zone NOT NULL,
  wanted integer NOT NULL,
  points integer NOT NULL,
  source_kind character varying(32) NOT NULL,
  source_id bigint NOT NULL,
  generation integer NOT NULL,
  reverses_id bigint,
  reason character varying(200) NOT NULL,
  batch_id bigint,
  made_by_id integer,
  approved_by_id integer,
  counted_on date,
  cap_on date,
  CONSTRAINT ck_point_entry_cap_on CHECK (((cap_on IS NULL) OR ((counted_on IS NOT NULL) AND (cap_on < counted_on)))),
  CONSTRAINT ck_point_entry_counted_on CHECK (((counted_on IS NULL) OR ((counted_on > served_on) AND (counted_on <= booked_on)))),
  CONSTRAINT ck_point_entry_reason CHECK (((reverses_id IS NULL) OR ((reason)::text <> ''::text))),
  CONSTRAINT ck_point_entry_schemekind CHECK (((scheme_kind)::text = ANY ((ARRAY['volunteer'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT ck_point_entry_sourcekind CHECK (((source_kind)::text = ANY ((ARRAY['attendance'::character varying, 'claim'::character varying, 'import'::character varying, 'correction'::character varying, 'honour'::character varying, 'manual'::character varying, 'evened'::character varying])::text[]))),
  CONSTRAINT ck_point_entry_two_people CHECK (((approved_by_id IS NULL) OR (approved_by_id <> made_by_id))),
  CONSTRAINT fk_point_entry_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_point_entry_approved_by_id_person FOREIGN KEY (approved_by_id) REFERENCES person(id),
  CONSTRAINT fk_point_entry_home_unit_id_unit FOREIGN KEY (home_unit_id) REFERENCES unit(id),
  CONSTRAINT fk_point_entry_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_point_entry_organising_unit_id_unit FOREIGN KEY (organising_unit_id) REFERENCES unit(id),
  CONSTRAINT fk_point_entry_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_point_entry_reverses_id_point_entry FOREIGN KEY (reverses_id) REFERENCES point_entry(id),
  CONSTRAINT fk_point_entry_rule_id_point_rule FOREIGN KEY (rule_id) REFERENCES point_rule(id),
  CONSTRAINT fk_point_entry_scheme_id_point_scheme FOREIGN KEY (scheme_id) REFERENCES point_scheme(id),
  CONSTRAINT pk_point_entry PRIMARY KEY (id),
  CONSTRAINT uq_point_entry_reverses_id UNIQUE (reverses_id)
);

CREATE INDEX ix_point_entry_approved_by ON public.point_entry USING btree (approved_by_id) WHERE (approved_by_id IS NOT NULL);

CREATE INDEX ix_point_entry_by_hand ON public.point_entry USING btree (scheme_kind, person_id) WHERE ((source_kind)::text = 'manual'::text);

CREATE INDEX ix_point_entry_cap_on ON public.point_entry USING btree (person_id) WHERE (cap_on IS NOT NULL);

CREATE INDEX ix_point_entry_made_by ON public.point_entry USING btree (made_by_id) WHERE (made_by_id IS NOT NULL);

CREATE INDEX ix_point_entry_person ON public.point_entry USING btree (person_id, scheme_kind, served_on);

CREATE INDEX ix_point_entry_reverses ON public.point_entry USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);

CREATE UNIQUE INDEX uq_point_entry_source ON public.point_entry USING btree (rule_id, source_kind, source_id, generation) WHERE (reverses_id IS NULL);

CREATE TRIGGER point_entry_append_only BEFORE DELETE OR UPDATE ON public.point_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER point_entry_no_truncate BEFORE TRUNCATE ON public.point_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE point_person_total (
  person_id integer NOT NULL,
  period character varying(10) NOT NULL,
  rule_id integer NOT NULL,
  scheme_kind character varying(32) NOT NULL,
  points integer NOT NULL,
  entries integer NOT NULL,
  CONSTRAINT ck_point_person_total_schemekind CHECK (((scheme_kind)::text = ANY ((ARRAY['volunteer'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT fk_point_person_total_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_point_person_total_rule_id_point_rule FOREIGN KEY (rule_id) REFERENCES point_rule(id),
  CONSTRAINT pk_point_person_total PRIMARY KEY (person_id, period, rule_id)
);

CREATE INDEX ix_point_person_total_rank ON public.point_person_total USING btree (period, scheme_kind, person_id);

CREATE TABLE point_proposal (
  id integer NOT NULL DEFAULT nextval('point_proposal_id_seq'::regclass),
  person_id integer NOT NULL,
  unit_id integer NOT NULL,
  scheme_kind character varying(32) NOT NULL,
  rule_code character varying(30),
  exempts character varying(32),
  revokes_id integer,
  happened_on date NOT NULL,
  until date,
  reason character varying(200) NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_point_proposal_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_point_proposal_decided CHECK ((((decided_at IS NULL) = (decided_by_id IS NULL)) AND ((decided_at IS NULL) = (verdict IS NULL)))),
  CONSTRAINT ck_point_proposal_exempts CHECK (((exempts)::text = ANY ((ARRAY['ill'::character varying, 'away'::character varying])::text[]))),
  CONSTRAINT ck_point_proposal_not_about_oneself CHECK (((decided_by_id IS NULL) OR (decided_by_id <> person_id))),
  CONSTRAINT ck_point_proposal_not_oneself CHECK ((made_by_id <> person_id)),
  CONSTRAINT ck_point_proposal_one_thing CHECK ((((
CASE
    WHEN (rule_code IS NULL) THEN 0
    ELSE 1
END +
CASE
    WHEN (exempts IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (revokes_id IS NULL) THEN 0
    ELSE 1
END) = 1)),
  CONSTRAINT ck_point_proposal_pointverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_point_proposal_reason CHECK (((reason)::text <> ''::text)),
  CONSTRAINT ck_point_proposal_schemekind CHECK (((scheme_kind)::text = ANY ((ARRAY['volunteer'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT ck_point_proposal_two_people CHECK (((decided_by_id IS NULL) OR (((verdict)::text = 'withdrawn'::text) = (decided_by_id = made_by_id)))),
  CONSTRAINT ck_point_proposal_until CHECK (((until IS NULL) OR ((exempts IS NOT NULL) AND (until >= happened_on)))),
  CONSTRAINT fk_point_proposal_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_point_proposal_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_point_proposal_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_point_proposal_revokes_id_point_proposal FOREIGN KEY (revokes_id) REFERENCES point_proposal(id),
  CONSTRAINT fk_point_proposal_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_point_proposal PRIMARY KEY (id)
);

CREATE INDEX ix_point_proposal_decided_by_id ON public.point_proposal USING btree (decided_by_id);

CREATE INDEX ix_point_proposal_exempts ON public.point_proposal USING btree (scheme_kind, person_id) WHERE (exempts IS NOT NULL);

CREATE INDEX ix_point_proposal_made_by_id ON public.point_proposal USING btree (made_by_id);

CREATE INDEX ix_point_proposal_open ON public.point_proposal USING btree (unit_id, made_at) WHERE (decided_at IS NULL);

CREATE INDEX ix_point_proposal_person_id ON public.point_proposal USING btree (person_id);

CREATE UNIQUE INDEX uq_point_proposal_once ON public.point_proposal USING btree (person_id, scheme_kind, rule_code, happened_on) WHERE ((decided_at IS NULL) AND (rule_code IS NOT NULL));

CREATE UNIQUE INDEX uq_point_proposal_revoked ON public.point_proposal USING btree (revokes_id) WHERE ((revokes_id IS NOT NULL) AND ((verdict)::text = 'approved'::text));

CREATE UNIQUE INDEX uq_point_proposal_revoking ON public.point_proposal USING btree (revokes_id) WHERE ((decided_at IS NULL) AND (revokes_id IS NOT NULL));

CREATE TRIGGER point_proposal_decided BEFORE DELETE OR UPDATE OF id, person_id, unit_id, scheme_kind, rule_code, exempts, revokes_id, happened_on, until, made_by_id, made_at, decided_at, decided_by_id, verdict ON public.point_proposal FOR EACH ROW EXECUTE FUNCTION refuse_point_proposal();

CREATE TRIGGER point_proposal_words BEFORE UPDATE OF reason, answer ON public.point_proposal FOR EACH ROW EXECUTE FUNCTION point_proposal_words();

CREATE TABLE point_rule (
  id integer NOT NULL DEFAULT nextval('point_rule_id_seq'::regclass),
  scheme_id integer NOT NULL,
  code character varying(30) NOT NULL,
  name character varying(60) NOT NULL,
  per character varying(32) NOT NULL,
  amount integer NOT NULL,
  activity_kind character varying(32),
  hour_kind character varying(32),
  counts_honour boolean NOT NULL,
  cap integer,
  cap_period character varying(32),
  note character varying(120) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_point_rule_activitykind CHECK (((activity_kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying, 'party_life'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_point_rule_cap CHECK (((cap IS NULL) = (cap_period IS NULL))),
  CONSTRAINT ck_point_rule_capperiod CHECK (((cap_period)::text = ANY ((ARRAY['month'::character varying, 'quarter'::character varying, 'year'::character varying])::text[]))),
  CONSTRAINT ck_point_rule_hourkind CHECK (((hour_kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying])::text[]))),
  CONSTRAINT ck_point_rule_per CHECK (((per)::text = ANY ((ARRAY['base'::character varying, 'hour'::character varying, 'occurrence'::character varying, 'manual'::character varying, 'honour'::character varying, 'deduction'::character varying, 'veto'::character varying, 'carry'::character varying])::text[]))),
  CONSTRAINT ck_point_rule_shape CHECK ((
CASE per
    WHEN 'hour'::text THEN ((amount > 0) AND (activity_kind IS NULL))
    WHEN 'occurrence'::text THEN ((amount > 0) AND (hour_kind IS NULL))
    WHEN 'carry'::text THEN (((amount >= 1) AND (amount <= 10000)) AND ((cap_period)::text = 'year'::text) AND (activity_kind IS NULL) AND (hour_kind IS NULL))
    ELSE ((activity_kind IS NULL) AND (hour_kind IS NULL) AND
    CASE per
        WHEN 'base'::text THEN ((amount >= 0) AND (cap IS NULL))
        WHEN 'veto'::text THEN ((amount = 0) AND (cap IS NULL))
        WHEN 'deduction'::text THEN (amount < 0)
        ELSE (amount > 0)
    END)
END AND ((cap IS NULL) OR (cap > 0)) AND ((cap IS NULL) = (cap_period IS NULL)) AND ((name)::text <> ''::text) AND ((code)::text <> ''::text))),
  CONSTRAINT fk_point_rule_scheme_id_point_scheme FOREIGN KEY (scheme_id) REFERENCES point_scheme(id),
  CONSTRAINT pk_point_rule PRIMARY KEY (id),
  CONSTRAINT uq_point_rule_scheme_id_code UNIQUE (scheme_id, code)
);

CREATE INDEX ix_point_rule_scheme_id ON public.point_rule USING btree (scheme_id);

CREATE TRIGGER point_rule_append_only BEFORE DELETE OR UPDATE ON public.point_rule FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER point_rule_complete BEFORE INSERT ON public.point_rule FOR EACH ROW EXECUTE FUNCTION refuse_point_rule();

CREATE TRIGGER point_rule_no_truncate BEFORE TRUNCATE ON public.point_rule FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE point_scheme (
  id integer NOT NULL DEFAULT nextval('point_scheme_id_seq'::regclass),
  kind character varying(32) NOT NULL,
  version character varying(20) NOT NULL,
  valid_from date NOT NULL,
  published_at timestamp without time zone NOT NULL,
  source character varying(120) NOT NULL,
  exempt_age integer,
  rules integer NOT NULL DEFAULT 0,
  bands integer NOT NULL DEFAULT 0,
  made_by_id integer,
  published_by_id integer,
  CONSTRAINT ck_point_scheme_exempt_age CHECK (((exempt_age >= 18) AND (exempt_age <= 120))),
  CONSTRAINT ck_point_scheme_schemekind CHECK (((kind)::text = ANY ((ARRAY['volunteer'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT ck_point_scheme_two_people CHECK (((published_by_id IS NULL) OR (published_by_id <> made_by_id))),
  CONSTRAINT fk_point_scheme_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_point_scheme_published_by_id_person FOREIGN KEY (published_by_id) REFERENCES person(id),
  CONSTRAINT pk_point_scheme PRIMARY KEY (id),
  CONSTRAINT uq_point_scheme_kind_valid_from UNIQUE (kind, valid_from),
  CONSTRAINT uq_point_scheme_kind_version UNIQUE (kind, version)
);

CREATE TRIGGER point_scheme_append_only BEFORE DELETE OR UPDATE ON public.point_scheme FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER point_scheme_no_truncate BEFORE TRUNCATE ON public.point_scheme FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE post (
  id integer NOT NULL DEFAULT nextval('post_id_seq'::regclass),
  unit_id integer NOT NULL,
  place_id integer,
  kind character varying(32) NOT NULL,
  title character varying(40) NOT NULL,
  duties character varying(400) NOT NULL DEFAULT ''::character varying,
  seats integer NOT NULL DEFAULT 1,
  held integer NOT NULL DEFAULT 0,
  opened_on date NOT NULL,
  closed_on date,
  CONSTRAINT ck_post_closed_empty CHECK (((closed_on IS NULL) OR (held = 0))),
  CONSTRAINT ck_post_held CHECK (((held >= 0) AND (held <= seats))),
  CONSTRAINT ck_post_postkind CHECK (((kind)::text = ANY ((ARRAY['duty'::character varying, 'building_head'::character varying, 'lane_head'::character varying, 'street_head'::character varying])::text[]))),
  CONSTRAINT ck_post_seats CHECK ((seats > 0)),
  CONSTRAINT fk_post_place_id_place FOREIGN KEY (place_id) REFERENCES place(id),
  CONSTRAINT fk_post_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_post PRIMARY KEY (id)
);

CREATE INDEX ix_post_place_id ON public.post USING btree (place_id);

CREATE INDEX ix_post_unit_id ON public.post USING btree (unit_id);

CREATE UNIQUE INDEX uq_post_open ON public.post USING btree (unit_id, kind, title, place_id) WHERE (closed_on IS NULL);

CREATE UNIQUE INDEX uq_post_open_nowhere ON public.post USING btree (unit_id, kind, title) WHERE ((closed_on IS NULL) AND (place_id IS NULL));

CREATE TABLE post_term (
  id integer NOT NULL DEFAULT nextval('post_term_id_seq'::regclass),
  post_id integer NOT NULL,
  person_id integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  due_on date,
  noticed_on date,
  handover_note character varying(200) NOT NULL DEFAULT ''::character varying,
  made_by_id integer,
  made_at timestamp without time zone NOT NULL,
  CONSTRAINT ck_post_term_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT fk_post_term_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_post_term_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_post_term_post_id_post FOREIGN KEY (post_id) REFERENCES post(id),
  CONSTRAINT pk_post_term PRIMARY KEY (id)
);

CREATE INDEX ix_post_term_due ON public.post_term USING btree (due_on) WHERE (valid_to IS NULL);

CREATE INDEX ix_post_term_person_id ON public.post_term USING btree (person_id);

CREATE INDEX ix_post_term_post ON public.post_term USING btree (post_id, valid_to);

CREATE UNIQUE INDEX uq_post_term_open ON public.post_term USING btree (post_id, person_id) WHERE (valid_to IS NULL);

CREATE TRIGGER post_term_held AFTER INSERT OR DELETE OR UPDATE OF post_id, valid_to ON public.post_term FOR EACH ROW EXECUTE FUNCTION count_post_holders();

CREATE TABLE proxy (
  id integer NOT NULL DEFAULT nextval('proxy_id_seq'::regclass),
  person_id integer NOT NULL,
  proxy_id integer NOT NULL,
  relation character varying(32) NOT NULL,
  person_agreed character varying(32) NOT NULL,
  person_agreed_at timestamp without time zone NOT NULL,
  proxy_agreed_at timestamp without time zone NOT NULL,
  made_by_id integer NOT NULL,
  valid_from timestamp without time zone NOT NULL,
  valid_to timestamp without time zone,
  ended_by_id integer,
  CONSTRAINT ck_proxy_agreed CHECK (((person_agreed_at <= valid_from) AND (proxy_agreed_at <= valid_from))),
  CONSTRAINT ck_proxy_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT ck_proxy_ended CHECK (((valid_to IS NULL) = (ended_by_id IS NULL))),
  CONSTRAINT ck_proxy_not_oneself CHECK ((person_id <> proxy_id)),
  CONSTRAINT ck_proxy_own_phone CHECK ((((person_agreed)::text <> 'own_phone'::text) OR (made_by_id = person_id))),
  CONSTRAINT ck_proxy_person_agreed CHECK (((person_agreed)::text = ANY ((ARRAY['own_phone'::character varying, 'in_person'::character varying])::text[]))),
  CONSTRAINT ck_proxy_relation CHECK (((relation)::text = ANY ((ARRAY['family'::character varying, 'head'::character varying, 'neighbour'::character varying])::text[]))),
  CONSTRAINT ck_proxy_witnessed CHECK ((((person_agreed)::text <> 'in_person'::text) OR ((made_by_id <> person_id) AND (made_by_id <> proxy_id)))),
  CONSTRAINT fk_proxy_ended_by_id_person FOREIGN KEY (ended_by_id) REFERENCES person(id),
  CONSTRAINT fk_proxy_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_proxy_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_proxy_proxy_id_person FOREIGN KEY (proxy_id) REFERENCES person(id),
  CONSTRAINT pk_proxy PRIMARY KEY (id)
);

CREATE INDEX ix_proxy_proxy ON public.proxy USING btree (proxy_id, valid_to);

CREATE UNIQUE INDEX uq_proxy_open ON public.proxy USING btree (person_id, proxy_id) WHERE (valid_to IS NULL);

CREATE TABLE proxy_request (
  id integer NOT NULL DEFAULT nextval('proxy_request_id_seq'::regclass),
  person_id integer NOT NULL,
  proxy_id integer,
  name character varying(20) NOT NULL,
  tail character varying(4) NOT NULL,
  relation character varying(32) NOT NULL,
  asked_at timestamp without time zone NOT NULL,
  answered_at timestamp without time zone,
  answer character varying(32),
  CONSTRAINT ck_proxy_request_answer CHECK (((answer)::text = ANY ((ARRAY['accepted'::character varying, 'declined'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_proxy_request_answered CHECK (((answered_at IS NULL) = (answer IS NULL))),
  CONSTRAINT ck_proxy_request_not_oneself CHECK (((proxy_id IS NULL) OR (person_id <> proxy_id))),
  CONSTRAINT ck_proxy_request_relation CHECK (((relation)::text = ANY ((ARRAY['family'::character varying, 'head'::character varying, 'neighbour'::character varying])::text[]))),
  CONSTRAINT fk_proxy_request_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_proxy_request_proxy_id_person FOREIGN KEY (proxy_id) REFERENCES person(id),
  CONSTRAINT pk_proxy_request PRIMARY KEY (id)
);

CREATE INDEX ix_proxy_request_person ON public.proxy_request USING btree (person_id, answered_at);

CREATE INDEX ix_proxy_request_proxy ON public.proxy_request USING btree (proxy_id, answered_at);

CREATE UNIQUE INDEX uq_proxy_request_waiting ON public.proxy_request USING btree (person_id, proxy_id) WHERE ((answered_at IS NULL) AND (proxy_id IS NOT NULL));

CREATE TABLE publicity (
  id integer NOT NULL DEFAULT nextval('publicity_id_seq'::regclass),
  subject_kind character varying(32) NOT NULL,
  subject_id integer NOT NULL,
  unit_id integer NOT NULL,
  reach character varying(32) NOT NULL,
  title character varying(80) NOT NULL,
  words character varying(400) NOT NULL,
  phone character varying(40) NOT NULL,
  place character varying(80) NOT NULL,
  people integer NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  published_at timestamp without time zone NOT NULL,
  published_by_id integer NOT NULL,
  withdrawn_at timestamp without time zone,
  withdrawn_by_id integer,
  reason character varying(200) NOT NULL DEFAULT ''::character varying,
  concluded_on date,
  CONSTRAINT ck_publicity_concluded CHECK (((concluded_on IS NULL) OR ((withdrawn_at IS NULL) AND (concluded_on > ends_on)))),
  CONSTRAINT ck_publicity_dated CHECK ((ends_on >= starts_on)),
  CONSTRAINT ck_publicity_people CHECK (((people > 0) OR ((subject_kind)::text = 'project'::text))),
  CONSTRAINT ck_publicity_reach CHECK (((reach)::text = ANY ((ARRAY['branch'::character varying, 'public'::character varying])::text[]))),
  CONSTRAINT ck_publicity_reason CHECK (((withdrawn_at IS NULL) OR ((reason)::text <> ''::text))),
  CONSTRAINT ck_publicity_subjectkind CHECK (((subject_kind)::text = ANY ((ARRAY['assessment'::character varying, 'honour'::character varying, 'certificate'::character varying, 'project'::character varying])::text[]))),
  CONSTRAINT ck_publicity_withdrawn CHECK (((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL))),
  CONSTRAINT fk_publicity_published_by_id_person FOREIGN KEY (published_by_id) REFERENCES person(id),
  CONSTRAINT fk_publicity_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT fk_publicity_withdrawn_by_id_person FOREIGN KEY (withdrawn_by_id) REFERENCES person(id),
  CONSTRAINT pk_publicity PRIMARY KEY (id)
);

CREATE INDEX ix_publicity_reach ON public.publicity USING btree (reach, ends_on);

CREATE INDEX ix_publicity_unit ON public.publicity USING btree (unit_id, ends_on);

CREATE UNIQUE INDEX uq_publicity_subject ON public.publicity USING btree (subject_kind, subject_id) WHERE (withdrawn_at IS NULL);

CREATE TRIGGER publicity_no_truncate BEFORE TRUNCATE ON public.publicity FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER publicity_on_delete BEFORE DELETE ON public.publicity FOR EACH ROW EXECUTE FUNCTION publicity_on_delete();

CREATE TRIGGER publicity_on_update BEFORE UPDATE ON public.publicity FOR EACH ROW EXECUTE FUNCTION publicity_on_update();

CREATE TABLE publicity_line (
  publicity_id integer NOT NULL,
  person_id integer NOT NULL,
  seq integer NOT NULL,
  words character varying(200) NOT NULL,
  CONSTRAINT fk_publicity_line_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_publicity_line_publicity_id_publicity FOREIGN KEY (publicity_id) REFERENCES publicity(id),
  CONSTRAINT pk_publicity_line PRIMARY KEY (publicity_id, person_id)
);

CREATE INDEX ix_publicity_line_person ON public.publicity_line USING btree (person_id);

CREATE TRIGGER publicity_line_no_truncate BEFORE TRUNCATE ON public.publicity_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER publicity_line_on_delete BEFORE DELETE ON public.publicity_line FOR EACH ROW EXECUTE FUNCTION publicity_line_on_delete();

CREATE TRIGGER publicity_line_on_insert BEFORE INSERT ON public.publicity_line FOR EACH ROW EXECUTE FUNCTION publicity_line_on_insert();

CREATE TRIGGER publicity_line_on_update BEFORE UPDATE ON public.publicity_line FOR EACH ROW EXECUTE FUNCTION publicity_line_on_update();

CREATE TABLE publicity_maker (
  publicity_id integer NOT NULL,
  person_id integer NOT NULL,
  CONSTRAINT fk_publicity_maker_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_publicity_maker_publicity_id_publicity FOREIGN KEY (publicity_id) REFERENCES publicity(id),
  CONSTRAINT pk_publicity_maker PRIMARY KEY (publicity_id, person_id)
);

CREATE TRIGGER publicity_maker_append_only BEFORE DELETE OR UPDATE ON public.publicity_maker FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER publicity_maker_no_truncate BEFORE TRUNCATE ON public.publicity_maker FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE recovery_code (
  id integer NOT NULL DEFAULT nextval('recovery_code_id_seq'::regclass),
  person_id integer NOT NULL,
  code_hash character varying(64) NOT NULL,
  made_at timestamp without time zone NOT NULL,
  used_at timestamp without time zone,
  CONSTRAINT fk_recovery_code_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_recovery_code PRIMARY KEY (id),
  CONSTRAINT uq_recovery_code_code_hash UNIQUE (code_hash)
);

CREATE INDEX ix_recovery_code_person_id ON public.recovery_code USING btree (person_id);

CREATE TABLE register_batch (
  id integer NOT NULL DEFAULT nextval('register_batch_id_seq'::regclass),
  kind character varying(32) NOT NULL,
  unit_id integer,
  file_name character varying(120) NOT NULL,
  made_by_id integer,
  made_at timestamp without time zone NOT NULL,
  staged_at timestamp without time zone,
  titles json NOT NULL,
  fresh integer NOT NULL,
  changed integer NOT NULL,
  unchanged integer NOT NULL,
  blank integer NOT NULL,
  refused integer NOT NULL,
  running integer,
  beat_at timestamp without time zone,
  approved_by_id integer,
  started_at timestamp without time zone,
  applied_at timestamp without time zone,
  undone_at timestamp without time zone,
  undone_by_id integer,
  cleared_at timestamp without time zone,
  undo_asked_by_id integer,
  CONSTRAINT ck_register_batch_applied CHECK (((undone_at IS NULL) OR (applied_at IS NOT NULL))),
  CONSTRAINT ck_register_batch_approved CHECK ((((kind)::text <> ALL ((ARRAY['hours'::character varying, 'projects'::character varying])::text[])) OR (started_at IS NULL) OR (approved_by_id IS NOT NULL))),
  CONSTRAINT ck_register_batch_registerkind CHECK (((kind)::text = ANY ((ARRAY['units'::character varying, 'places'::character varying, 'posts'::character varying, 'hours'::character varying, 'projects'::character varying])::text[]))),
  CONSTRAINT ck_register_batch_running CHECK (((running IS NULL) OR (running = 1))),
  CONSTRAINT ck_register_batch_started CHECK (((applied_at IS NULL) OR (started_at IS NOT NULL))),
  CONSTRAINT ck_register_batch_two_people CHECK (((approved_by_id IS NULL) OR (made_by_id IS NULL) OR (approved_by_id <> made_by_id))),
  CONSTRAINT fk_register_batch_approved_by_id_person FOREIGN KEY (approved_by_id) REFERENCES person(id),
  CONSTRAINT fk_register_batch_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_register_batch_undo_asked_by_id_person FOREIGN KEY (undo_asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_register_batch_undone_by_id_person FOREIGN KEY (undone_by_id) REFERENCES person(id),
  CONSTRAINT fk_register_batch_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_register_batch PRIMARY KEY (id),
  CONSTRAINT uq_register_batch_running UNIQUE (running)
);

CREATE INDEX ix_register_batch_unit ON public.register_batch USING btree (unit_id, made_at);

CREATE TABLE register_row (
  batch_id integer NOT NULL,
  place integer NOT NULL,
  number integer NOT NULL,
  verdict character varying(32) NOT NULL,
  subject character varying(120) NOT NULL,
  cells json NOT NULL,
  changes json NOT NULL,
  reasons json NOT NULL,
  raw json,
  target_id bigint,
  journal json,
  written_at timestamp without time zone,
  CONSTRAINT ck_register_row_rowverdict CHECK (((verdict)::text = ANY ((ARRAY['new'::character varying, 'changed'::character varying, 'unchanged'::character varying, 'refused'::character varying])::text[]))),
  CONSTRAINT fk_register_row_batch_id_register_batch FOREIGN KEY (batch_id) REFERENCES register_batch(id),
  CONSTRAINT pk_register_row PRIMARY KEY (batch_id, place),
  CONSTRAINT uq_register_row_batch_id_number UNIQUE (batch_id, number)
);

CREATE INDEX ix_register_row_verdict ON public.register_row USING btree (batch_id, verdict, place);

CREATE TABLE report_entry (
  id bigint NOT NULL DEFAULT nextval('report_entry_id_seq'::regclass),
  unit_id integer NOT NULL,
  period character varying(7) NOT NULL,
  version integer NOT NULL,
  content json NOT NULL,
  digest character varying(64) NOT NULL,
  cut_off_at timestamp without time zone NOT NULL,
  made_by_id integer,
  CONSTRAINT ck_report_entry_digest CHECK ((length((digest)::text) = 64)),
  CONSTRAINT ck_report_entry_period CHECK ((length((period)::text) = ANY (ARRAY[4, 7]))),
  CONSTRAINT ck_report_entry_version CHECK ((version > 0)),
  CONSTRAINT fk_report_entry_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_report_entry_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_report_entry PRIMARY KEY (id),
  CONSTRAINT uq_report_entry_unit_id_period_version UNIQUE (unit_id, period, version)
);

CREATE TRIGGER report_entry_append_only BEFORE DELETE OR UPDATE ON public.report_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER report_entry_no_truncate BEFORE TRUNCATE ON public.report_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE report_sending_entry (
  id bigint NOT NULL DEFAULT nextval('report_sending_entry_id_seq'::regclass),
  report_id bigint NOT NULL,
  sent_at timestamp without time zone NOT NULL,
  sent_by_id integer NOT NULL,
  note character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT fk_report_sending_entry_report_id_report_entry FOREIGN KEY (report_id) REFERENCES report_entry(id),
  CONSTRAINT fk_report_sending_entry_sent_by_id_person FOREIGN KEY (sent_by_id) REFERENCES person(id),
  CONSTRAINT pk_report_sending_entry PRIMARY KEY (id),
  CONSTRAINT uq_report_sending_entry_report_id UNIQUE (report_id)
);

CREATE TRIGGER report_sending_entry_append_only BEFORE DELETE OR UPDATE ON public.report_sending_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER report_sending_entry_no_truncate BEFORE TRUNCATE ON public.report_sending_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER report_sending_entry_two_people BEFORE INSERT ON public.report_sending_entry FOR EACH ROW EXECUTE FUNCTION report_sending_entry_two_people();

CREATE TABLE requirement (
  id integer NOT NULL DEFAULT nextval('requirement_id_seq'::regclass),
  set_id integer NOT NULL,
  stage character varying(32) NOT NULL,
  kind character varying(32) NOT NULL,
  minutes_needed integer NOT NULL,
  honour_minutes integer NOT NULL,
  window_days integer,
  CONSTRAINT ck_requirement_hourkind CHECK (((kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying])::text[]))),
  CONSTRAINT ck_requirement_minutes CHECK (((minutes_needed > 0) AND (honour_minutes >= 0))),
  CONSTRAINT ck_requirement_stagekind CHECK (((stage)::text = ANY ((ARRAY['masses'::character varying, 'applicant'::character varying, 'activist'::character varying, 'candidate'::character varying, 'probationary'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT ck_requirement_window_days CHECK (((window_days IS NULL) OR (window_days > 0))),
  CONSTRAINT fk_requirement_set_id_requirement_set FOREIGN KEY (set_id) REFERENCES requirement_set(id),
  CONSTRAINT pk_requirement PRIMARY KEY (id),
  CONSTRAINT uq_requirement_set_id_stage_kind UNIQUE (set_id, stage, kind)
);

CREATE TRIGGER requirement_added BEFORE INSERT ON public.requirement FOR EACH ROW EXECUTE FUNCTION requirement_added();

CREATE TRIGGER requirement_changed BEFORE UPDATE ON public.requirement FOR EACH ROW EXECUTE FUNCTION requirement_changed();

CREATE TRIGGER requirement_removed BEFORE DELETE ON public.requirement FOR EACH ROW EXECUTE FUNCTION requirement_removed();

CREATE TABLE requirement_choice (
  id integer NOT NULL DEFAULT nextval('requirement_choice_id_seq'::regclass),
  set_id integer NOT NULL,
  valid_from date NOT NULL,
  asked_at timestamp without time zone NOT NULL,
  asked_by_id integer,
  decided_at timestamp without time zone,
  decided_by_id integer,
  verdict character varying(32),
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_requirement_choice_answer CHECK ((((verdict)::text <> 'returned'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_requirement_choice_choiceverdict CHECK (((verdict)::text = ANY ((ARRAY['confirmed'::character varying, 'returned'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_requirement_choice_decided CHECK (((decided_at IS NULL) = (verdict IS NULL))),
  CONSTRAINT ck_requirement_choice_two_people CHECK ((((verdict)::text = 'withdrawn'::text) OR (decided_by_id IS NULL) OR (decided_by_id <> asked_by_id))),
  CONSTRAINT fk_requirement_choice_asked_by_id_person FOREIGN KEY (asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_requirement_choice_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_requirement_choice_set_id_requirement_set FOREIGN KEY (set_id) REFERENCES requirement_set(id),
  CONSTRAINT pk_requirement_choice PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_requirement_choice_open ON public.requirement_choice USING btree (set_id) WHERE (decided_at IS NULL);

CREATE TRIGGER requirement_choice_decided BEFORE UPDATE ON public.requirement_choice FOR EACH ROW EXECUTE FUNCTION requirement_choice_decided();

CREATE TRIGGER requirement_choice_kept BEFORE DELETE ON public.requirement_choice FOR EACH ROW EXECUTE FUNCTION requirement_choice_kept();

CREATE TABLE requirement_set (
  id integer NOT NULL DEFAULT nextval('requirement_set_id_seq'::regclass),
  code character varying(20) NOT NULL,
  name character varying(40) NOT NULL,
  note character varying(200) NOT NULL,
  version integer NOT NULL DEFAULT 1,
  family_id integer,
  based_on_id integer,
  made_by_id integer,
  made_at timestamp without time zone,
  published_at timestamp without time zone,
  dropped_at timestamp without time zone,
  CONSTRAINT fk_requirement_set_based_on_id_requirement_set FOREIGN KEY (based_on_id) REFERENCES requirement_set(id),
  CONSTRAINT fk_requirement_set_family_id_requirement_set FOREIGN KEY (family_id) REFERENCES requirement_set(id),
  CONSTRAINT fk_requirement_set_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT pk_requirement_set PRIMARY KEY (id),
  CONSTRAINT uq_requirement_set_code UNIQUE (code)
);

CREATE UNIQUE INDEX uq_requirement_set_family ON public.requirement_set USING btree (family_id, version);

CREATE TRIGGER requirement_set_kept BEFORE DELETE ON public.requirement_set FOR EACH ROW EXECUTE FUNCTION requirement_set_kept();

CREATE TRIGGER requirement_set_published BEFORE UPDATE ON public.requirement_set FOR EACH ROW EXECUTE FUNCTION requirement_set_published();

CREATE TABLE rights_request (
  id integer NOT NULL DEFAULT nextval('rights_request_id_seq'::regclass),
  person_id integer NOT NULL,
  kind character varying(32) NOT NULL,
  unit_id integer NOT NULL,
  asked_by_id integer NOT NULL,
  how character varying(32) NOT NULL,
  guardian_name character varying(40) NOT NULL DEFAULT ''::character varying,
  words character varying(300) NOT NULL DEFAULT ''::character varying,
  wanted json NOT NULL,
  asked_at timestamp without time zone NOT NULL,
  due_on date NOT NULL,
  verdict character varying(32),
  decided_at timestamp without time zone,
  decided_by_id integer,
  answer character varying(300) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_rights_request_answer CHECK ((((verdict)::text <> 'refused'::text) OR ((answer)::text <> ''::text))),
  CONSTRAINT ck_rights_request_asked CHECK ((((how)::text = 'own'::text) = (asked_by_id = person_id))),
  CONSTRAINT ck_rights_request_askedhow CHECK (((how)::text = ANY ((ARRAY['own'::character varying, 'in_person'::character varying, 'guardian'::character varying])::text[]))),
  CONSTRAINT ck_rights_request_decided CHECK ((((decided_at IS NULL) = (verdict IS NULL)) AND ((decided_at IS NULL) = (decided_by_id IS NULL)))),
  CONSTRAINT ck_rights_request_guardian CHECK ((((how)::text <> 'guardian'::text) = ((guardian_name)::text = ''::text))),
  CONSTRAINT ck_rights_request_requestkind CHECK (((kind)::text = ANY ((ARRAY['correction'::character varying, 'erasure'::character varying])::text[]))),
  CONSTRAINT ck_rights_request_requestverdict CHECK (((verdict)::text = ANY ((ARRAY['approved'::character varying, 'refused'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_rights_request_two_people CHECK (((decided_by_id IS NULL) OR (((verdict)::text = 'withdrawn'::text) = ((decided_by_id = person_id) OR (decided_by_id = asked_by_id))))),
  CONSTRAINT fk_rights_request_asked_by_id_person FOREIGN KEY (asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_rights_request_decided_by_id_person FOREIGN KEY (decided_by_id) REFERENCES person(id),
  CONSTRAINT fk_rights_request_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_rights_request_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_rights_request PRIMARY KEY (id)
);

CREATE INDEX ix_rights_request_due ON public.rights_request USING btree (due_on) WHERE (verdict IS NULL);

CREATE INDEX ix_rights_request_unit ON public.rights_request USING btree (unit_id, decided_at);

CREATE UNIQUE INDEX uq_rights_request_open ON public.rights_request USING btree (person_id, kind) WHERE (verdict IS NULL);

CREATE TRIGGER rights_request_fixed BEFORE UPDATE OF person_id, kind, unit_id, asked_by_id, how, asked_at, due_on ON public.rights_request FOR EACH ROW EXECUTE FUNCTION rights_request_fixed();

CREATE TRIGGER rights_request_kept BEFORE DELETE ON public.rights_request FOR EACH ROW EXECUTE FUNCTION rights_request_kept();

CREATE TRIGGER rights_request_once BEFORE UPDATE OF verdict, decided_at, decided_by_id ON public.rights_request FOR EACH ROW EXECUTE FUNCTION rights_request_once();

CREATE TRIGGER rights_request_said BEFORE UPDATE OF guardian_name, words, wanted, answer ON public.rights_request FOR EACH ROW EXECUTE FUNCTION rights_request_said();

CREATE TABLE role_grant (
  id integer NOT NULL DEFAULT nextval('role_grant_id_seq'::regclass),
  person_id integer NOT NULL,
  role character varying(32) NOT NULL,
  unit_id integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  granted_by_id integer,
  CONSTRAINT ck_role_grant_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT ck_role_grant_dated_deputy CHECK ((((role)::text <> 'deputy'::text) OR (valid_to IS NOT NULL))),
  CONSTRAINT ck_role_grant_not_by_oneself CHECK (((granted_by_id IS NULL) OR (granted_by_id <> person_id))),
  CONSTRAINT ck_role_grant_role CHECK (((role)::text = ANY ((ARRAY['organiser'::character varying, 'team_leader'::character varying, 'secretary'::character varying, 'deputy'::character varying, 'administrator'::character varying, 'fund_officer'::character varying, 'fund_approver'::character varying, 'auditor'::character varying])::text[]))),
  CONSTRAINT fk_role_grant_granted_by_id_person FOREIGN KEY (granted_by_id) REFERENCES person(id),
  CONSTRAINT fk_role_grant_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_role_grant_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_role_grant PRIMARY KEY (id)
);

CREATE INDEX ix_role_grant_unit_id ON public.role_grant USING btree (unit_id);

CREATE UNIQUE INDEX uq_role_grant_open ON public.role_grant USING btree (person_id, role, unit_id) WHERE (valid_to IS NULL);

CREATE TRIGGER role_grant_of_who_is_erased BEFORE INSERT ON public.role_grant FOR EACH ROW EXECUTE FUNCTION role_grant_of_who_is_erased();

CREATE TRIGGER role_grant_seats AFTER INSERT OR UPDATE OF person_id, role, unit_id, valid_from, valid_to ON public.role_grant FOR EACH ROW EXECUTE FUNCTION refuse_role_grant();

CREATE TABLE scan (
  id uuid NOT NULL,
  activity_id integer NOT NULL,
  shift_id integer,
  person_id integer,
  by_id integer,
  way character varying(32) NOT NULL,
  outcome character varying(32) NOT NULL,
  at timestamp without time zone NOT NULL,
  received_at timestamp without time zone NOT NULL,
  content character varying(32) NOT NULL,
  device_hash character varying(32),
  gate_id integer,
  day_code boolean,
  fence character varying(32),
  CONSTRAINT ck_scan_fence CHECK (((fence)::text = ANY ((ARRAY['inside'::character varying, 'outside'::character varying, 'not_given'::character varying])::text[]))),
  CONSTRAINT ck_scan_outcome CHECK (((outcome)::text = ANY ((ARRAY['in'::character varying, 'out'::character varying, 'undone'::character varying, 'already_in'::character varying, 'already_out'::character varying, 'pending'::character varying, 'visitor'::character varying, 'too_early'::character varying, 'too_late'::character varying, 'stale_code'::character varying, 'wrong_way'::character varying, 'not_open'::character varying, 'too_many'::character varying, 'not_in'::character varying, 'forged'::character varying])::text[]))),
  CONSTRAINT ck_scan_way CHECK (((way)::text = ANY ((ARRAY['poster'::character varying, 'rotating'::character varying, 'typed_code'::character varying, 'personal_code'::character varying, 'card'::character varying, 'button'::character varying, 'named'::character varying, 'organiser'::character varying, 'paper'::character varying])::text[]))),
  CONSTRAINT fk_scan_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT fk_scan_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_scan_gate_id_gate FOREIGN KEY (gate_id) REFERENCES gate(id),
  CONSTRAINT fk_scan_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_scan_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift(id),
  CONSTRAINT pk_scan PRIMARY KEY (id)
);

CREATE INDEX ix_scan_activity ON public.scan USING btree (activity_id, received_at);

CREATE INDEX ix_scan_by ON public.scan USING btree (by_id) WHERE (by_id IS NOT NULL);

CREATE INDEX ix_scan_device ON public.scan USING btree (device_hash, activity_id, person_id) WHERE ((device_hash IS NOT NULL) AND (person_id IS NOT NULL) AND (by_id IS NULL));

CREATE INDEX ix_scan_person ON public.scan USING btree (person_id, activity_id);

CREATE INDEX ix_scan_received_at ON public.scan USING btree (received_at);

CREATE UNIQUE INDEX uq_scan_visit ON public.scan USING btree (activity_id, device_hash) WHERE ((outcome)::text = 'visitor'::text);

CREATE TRIGGER scan_append_only BEFORE DELETE OR UPDATE ON public.scan FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER scan_no_truncate BEFORE TRUNCATE ON public.scan FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE scheme_draft (
  id integer NOT NULL DEFAULT nextval('scheme_draft_id_seq'::regclass),
  kind character varying(32) NOT NULL,
  version character varying(20) NOT NULL,
  source character varying(120) NOT NULL,
  exempt_age integer,
  valid_from date NOT NULL,
  based_on_id integer NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  sent_at timestamp without time zone,
  answer character varying(200) NOT NULL DEFAULT ''::character varying,
  ended_at timestamp without time zone,
  scheme_id integer,
  booked_to integer,
  booked_at timestamp without time zone,
  CONSTRAINT ck_scheme_draft_exempt_age CHECK (((exempt_age >= 18) AND (exempt_age <= 120))),
  CONSTRAINT ck_scheme_draft_published CHECK (((scheme_id IS NULL) OR ((ended_at IS NOT NULL) AND (sent_at IS NOT NULL)))),
  CONSTRAINT ck_scheme_draft_schemekind CHECK (((kind)::text = ANY ((ARRAY['volunteer'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT ck_scheme_draft_words CHECK ((((version)::text <> ''::text) AND ((source)::text <> ''::text))),
  CONSTRAINT fk_scheme_draft_based_on_id_point_scheme FOREIGN KEY (based_on_id) REFERENCES point_scheme(id),
  CONSTRAINT fk_scheme_draft_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_scheme_draft_scheme_id_point_scheme FOREIGN KEY (scheme_id) REFERENCES point_scheme(id),
  CONSTRAINT pk_scheme_draft PRIMARY KEY (id),
  CONSTRAINT uq_scheme_draft_scheme_id UNIQUE (scheme_id)
);

CREATE INDEX ix_scheme_draft_made_by_id ON public.scheme_draft USING btree (made_by_id);

CREATE UNIQUE INDEX uq_scheme_draft_open ON public.scheme_draft USING btree (kind) WHERE (ended_at IS NULL);

CREATE TABLE scheme_draft_band (
  draft_id integer NOT NULL,
  "least" integer NOT NULL,
  name character varying(20) NOT NULL,
  CONSTRAINT ck_scheme_draft_band_name CHECK (((name)::text <> ''::text)),
  CONSTRAINT fk_scheme_draft_band_draft_id_scheme_draft FOREIGN KEY (draft_id) REFERENCES scheme_draft(id),
  CONSTRAINT pk_scheme_draft_band PRIMARY KEY (draft_id, "least"),
  CONSTRAINT uq_scheme_draft_band_draft_id_name UNIQUE (draft_id, name)
);

CREATE TABLE scheme_draft_rule (
  id integer NOT NULL DEFAULT nextval('scheme_draft_rule_id_seq'::regclass),
  draft_id integer NOT NULL,
  code character varying(30) NOT NULL,
  name character varying(60) NOT NULL,
  per character varying(32) NOT NULL,
  amount integer NOT NULL,
  activity_kind character varying(32),
  hour_kind character varying(32),
  counts_honour boolean NOT NULL,
  cap integer,
  cap_period character varying(32),
  note character varying(120) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_scheme_draft_rule_activitykind CHECK (((activity_kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying, 'party_life'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_scheme_draft_rule_capperiod CHECK (((cap_period)::text = ANY ((ARRAY['month'::character varying, 'quarter'::character varying, 'year'::character varying])::text[]))),
  CONSTRAINT ck_scheme_draft_rule_hourkind CHECK (((hour_kind)::text = ANY ((ARRAY['service'::character varying, 'study'::character varying])::text[]))),
  CONSTRAINT ck_scheme_draft_rule_per CHECK (((per)::text = ANY ((ARRAY['base'::character varying, 'hour'::character varying, 'occurrence'::character varying, 'manual'::character varying, 'honour'::character varying, 'deduction'::character varying, 'veto'::character varying, 'carry'::character varying])::text[]))),
  CONSTRAINT ck_scheme_draft_rule_shape CHECK ((
CASE per
    WHEN 'hour'::text THEN ((amount > 0) AND (activity_kind IS NULL))
    WHEN 'occurrence'::text THEN ((amount > 0) AND (hour_kind IS NULL))
    WHEN 'carry'::text THEN (((amount >= 1) AND (amount <= 10000)) AND ((cap_period)::text = 'year'::text) AND (activity_kind IS NULL) AND (hour_kind IS NULL))
    ELSE ((activity_kind IS NULL) AND (hour_kind IS NULL) AND
    CASE per
        WHEN 'base'::text THEN ((amount >= 0) AND (cap IS NULL))
        WHEN 'veto'::text THEN ((amount = 0) AND (cap IS NULL))
        WHEN 'deduction'::text THEN (amount < 0)
        ELSE (amount > 0)
    END)
END AND ((cap IS NULL) OR (cap > 0)) AND ((cap IS NULL) = (cap_period IS NULL)) AND ((name)::text <> ''::text) AND ((code)::text <> ''::text))),
  CONSTRAINT fk_scheme_draft_rule_draft_id_scheme_draft FOREIGN KEY (draft_id) REFERENCES scheme_draft(id),
  CONSTRAINT pk_scheme_draft_rule PRIMARY KEY (id),
  CONSTRAINT uq_scheme_draft_rule_draft_id_code UNIQUE (draft_id, code)
);

CREATE TABLE seal_check (
  id integer NOT NULL DEFAULT nextval('seal_check_id_seq'::regclass),
  checked_at timestamp without time zone NOT NULL,
  last_day date NOT NULL,
  faults integer NOT NULL,
  CONSTRAINT ck_seal_check_faults CHECK ((faults >= 0)),
  CONSTRAINT pk_seal_check PRIMARY KEY (id)
);

CREATE TABLE seal_entry (
  id bigint NOT NULL DEFAULT nextval('seal_entry_id_seq'::regclass),
  day date NOT NULL,
  sealed_at timestamp without time zone NOT NULL,
  content json NOT NULL,
  previous character varying(64) NOT NULL,
  digest character varying(64) NOT NULL,
  CONSTRAINT ck_seal_entry_digests CHECK (((length((digest)::text) = 64) AND (length((previous)::text) = 64) AND ((digest)::text <> (previous)::text))),
  CONSTRAINT pk_seal_entry PRIMARY KEY (id),
  CONSTRAINT uq_seal_entry_day UNIQUE (day),
  CONSTRAINT uq_seal_entry_digest UNIQUE (digest),
  CONSTRAINT uq_seal_entry_previous UNIQUE (previous)
);

CREATE TRIGGER seal_entry_append_only BEFORE DELETE OR UPDATE ON public.seal_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER seal_entry_follows_the_last BEFORE INSERT ON public.seal_entry FOR EACH ROW EXECUTE FUNCTION seal_entry_follows_the_last();

CREATE TRIGGER seal_entry_no_truncate BEFORE TRUNCATE ON public.seal_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE seal_part_entry (
  id bigint NOT NULL DEFAULT nextval('seal_part_entry_id_seq'::regclass),
  day date NOT NULL,
  sealed_table character varying(40) NOT NULL,
  seq integer NOT NULL,
  rows integer NOT NULL,
  late boolean NOT NULL,
  columns text NOT NULL,
  marks text NOT NULL,
  digest character varying(64) NOT NULL,
  CONSTRAINT ck_seal_part_entry_figures CHECK (((seq >= 1) AND (rows >= 1) AND (length((digest)::text) = 64))),
  CONSTRAINT pk_seal_part_entry PRIMARY KEY (id),
  CONSTRAINT uq_seal_part_entry_sealed_table_day_seq UNIQUE (sealed_table, day, seq)
);

CREATE INDEX ix_seal_part_entry_day ON public.seal_part_entry USING btree (day);

CREATE TRIGGER seal_part_entry_append_only BEFORE DELETE OR UPDATE ON public.seal_part_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER seal_part_entry_no_truncate BEFORE TRUNCATE ON public.seal_part_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER seal_part_entry_of_an_open_day BEFORE INSERT ON public.seal_part_entry FOR EACH ROW EXECUTE FUNCTION seal_part_entry_of_an_open_day();

CREATE TABLE second_factor (
  person_id integer NOT NULL,
  sealed character varying(200),
  pending character varying(200),
  confirmed_at timestamp without time zone,
  last_step integer NOT NULL DEFAULT 0,
  CONSTRAINT ck_second_factor_confirmed CHECK (((confirmed_at IS NULL) = (sealed IS NULL))),
  CONSTRAINT fk_second_factor_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_second_factor PRIMARY KEY (person_id)
);

CREATE TABLE setting (
  key character varying(60) NOT NULL,
  value json NOT NULL,
  changed_at timestamp without time zone NOT NULL,
  changed_by_id integer,
  CONSTRAINT fk_setting_changed_by_id_person FOREIGN KEY (changed_by_id) REFERENCES person(id),
  CONSTRAINT pk_setting PRIMARY KEY (key)
);

CREATE TABLE shift (
  id integer NOT NULL DEFAULT nextval('shift_id_seq'::regclass),
  activity_id integer NOT NULL,
  name character varying(30) NOT NULL,
  starts_at timestamp without time zone NOT NULL,
  ends_at timestamp without time zone NOT NULL,
  extended_to timestamp without time zone,
  break_minutes integer NOT NULL,
  capacity integer,
  taken integer NOT NULL DEFAULT 0,
  CONSTRAINT ck_shift_break_minutes CHECK ((break_minutes >= 0)),
  CONSTRAINT ck_shift_capacity CHECK (((taken >= 0) AND ((capacity IS NULL) OR (taken <= capacity)))),
  CONSTRAINT ck_shift_ends_after_start CHECK ((ends_at > starts_at)),
  CONSTRAINT ck_shift_extended_to CHECK (((extended_to IS NULL) OR (extended_to > ends_at))),
  CONSTRAINT fk_shift_activity_id_activity FOREIGN KEY (activity_id) REFERENCES activity(id),
  CONSTRAINT pk_shift PRIMARY KEY (id)
);

CREATE INDEX ix_shift_activity ON public.shift USING btree (activity_id, starts_at);

CREATE INDEX ix_shift_ends_at ON public.shift USING btree (ends_at);

CREATE TRIGGER shift_sums BEFORE UPDATE OF capacity, taken ON public.shift FOR EACH ROW EXECUTE FUNCTION refuse_other_sums();

CREATE TABLE shift_position (
  id integer NOT NULL DEFAULT nextval('shift_position_id_seq'::regclass),
  shift_id integer NOT NULL,
  name character varying(12) NOT NULL,
  capacity integer NOT NULL,
  taken integer NOT NULL DEFAULT 0,
  place integer NOT NULL,
  CONSTRAINT ck_shift_position_capacity CHECK ((capacity >= 1)),
  CONSTRAINT ck_shift_position_name CHECK (((name)::text <> ''::text)),
  CONSTRAINT ck_shift_position_taken CHECK (((taken >= 0) AND (taken <= capacity))),
  CONSTRAINT fk_shift_position_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift(id),
  CONSTRAINT pk_shift_position PRIMARY KEY (id),
  CONSTRAINT uq_shift_position_id_shift_id UNIQUE (id, shift_id),
  CONSTRAINT uq_shift_position_shift_id_name UNIQUE (shift_id, name)
);

CREATE TRIGGER shift_position_fresh BEFORE INSERT ON public.shift_position FOR EACH ROW EXECUTE FUNCTION refuse_position();

CREATE TRIGGER shift_position_stays BEFORE UPDATE OF shift_id ON public.shift_position FOR EACH ROW EXECUTE FUNCTION refuse_position_moving();

CREATE TRIGGER shift_position_summed AFTER INSERT OR DELETE OR UPDATE OF capacity, taken ON public.shift_position FOR EACH ROW EXECUTE FUNCTION sum_positions();

CREATE TABLE sign_in_attempt (
  id integer NOT NULL DEFAULT nextval('sign_in_attempt_id_seq'::regclass),
  phone_hash character varying(64) NOT NULL,
  device_hash character varying(64) NOT NULL,
  at timestamp without time zone NOT NULL,
  CONSTRAINT pk_sign_in_attempt PRIMARY KEY (id)
);

CREATE INDEX ix_sign_in_attempt_device ON public.sign_in_attempt USING btree (device_hash, at);

CREATE INDEX ix_sign_in_attempt_phone ON public.sign_in_attempt USING btree (phone_hash, at);

CREATE TABLE signup (
  id integer NOT NULL DEFAULT nextval('signup_id_seq'::regclass),
  shift_id integer NOT NULL,
  person_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  seated_at timestamp without time zone,
  withdrawn_at timestamp without time zone,
  risk_read_at timestamp without time zone,
  position_id integer,
  CONSTRAINT fk_signup_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT fk_signup_position_id_shift_position FOREIGN KEY (position_id, shift_id) REFERENCES shift_position(id, shift_id),
  CONSTRAINT fk_signup_shift_id_shift FOREIGN KEY (shift_id) REFERENCES shift(id),
  CONSTRAINT pk_signup PRIMARY KEY (id)
);

CREATE INDEX ix_signup_person ON public.signup USING btree (person_id, withdrawn_at);

CREATE UNIQUE INDEX uq_signup_active ON public.signup USING btree (shift_id, person_id) WHERE (withdrawn_at IS NULL);

CREATE TRIGGER signup_of_who_went BEFORE INSERT ON public.signup FOR EACH ROW EXECUTE FUNCTION signup_of_who_went();

CREATE TRIGGER signup_position AFTER INSERT OR DELETE OR UPDATE OF shift_id, position_id, seated_at, withdrawn_at ON public.signup FOR EACH ROW EXECUTE FUNCTION count_seats();

CREATE TRIGGER signup_seated_somewhere BEFORE INSERT OR UPDATE ON public.signup FOR EACH ROW EXECUTE FUNCTION refuse_seat_nowhere();

CREATE TABLE spot_check (
  id integer NOT NULL DEFAULT nextval('spot_check_id_seq'::regclass),
  number character varying(20) NOT NULL,
  first_on date NOT NULL,
  last_on date NOT NULL,
  size integer NOT NULL,
  seed character varying(40) NOT NULL,
  source character varying(80) NOT NULL,
  last_voucher integer NOT NULL,
  population integer NOT NULL,
  digest character varying(64) NOT NULL,
  announced_at timestamp without time zone NOT NULL,
  announced_by_id integer NOT NULL,
  drawn_at timestamp without time zone,
  drawn_by_id integer,
  CONSTRAINT ck_spot_check_dated CHECK ((last_on >= first_on)),
  CONSTRAINT ck_spot_check_digest CHECK ((length((digest)::text) = 64)),
  CONSTRAINT ck_spot_check_drawn CHECK (((drawn_at IS NULL) = (drawn_by_id IS NULL))),
  CONSTRAINT ck_spot_check_size CHECK (((size >= 1) AND (size <= population))),
  CONSTRAINT ck_spot_check_words CHECK ((((seed)::text <> ''::text) AND ((source)::text <> ''::text))),
  CONSTRAINT fk_spot_check_announced_by_id_person FOREIGN KEY (announced_by_id) REFERENCES person(id),
  CONSTRAINT fk_spot_check_drawn_by_id_person FOREIGN KEY (drawn_by_id) REFERENCES person(id),
  CONSTRAINT pk_spot_check PRIMARY KEY (id),
  CONSTRAINT uq_spot_check_number UNIQUE (number),
  CONSTRAINT uq_spot_check_seed UNIQUE (seed)
);

CREATE TRIGGER spot_check_announced BEFORE INSERT ON public.spot_check FOR EACH ROW EXECUTE FUNCTION spot_check_announced();

CREATE TRIGGER spot_check_drawn BEFORE UPDATE OF drawn_at, drawn_by_id ON public.spot_check FOR EACH ROW EXECUTE FUNCTION spot_check_drawn();

CREATE TRIGGER spot_check_fixed BEFORE UPDATE OF number, first_on, last_on, size, seed, source, last_voucher, population, digest, announced_at, announced_by_id ON public.spot_check FOR EACH ROW EXECUTE FUNCTION spot_check_fixed();

CREATE TRIGGER spot_check_kept BEFORE DELETE ON public.spot_check FOR EACH ROW EXECUTE FUNCTION spot_check_kept();

CREATE TABLE spot_check_note_entry (
  id bigint NOT NULL DEFAULT nextval('spot_check_note_entry_id_seq'::regclass),
  pick_id bigint NOT NULL,
  seq integer NOT NULL,
  step character varying(32) NOT NULL,
  finding character varying(32),
  words character varying(500) NOT NULL,
  at timestamp without time zone NOT NULL,
  by_id integer NOT NULL,
  CONSTRAINT ck_spot_check_note_entry_finding CHECK ((((step)::text = 'found'::text) = (finding IS NOT NULL))),
  CONSTRAINT ck_spot_check_note_entry_spotcheckfinding CHECK (((finding)::text = ANY ((ARRAY['fine'::character varying, 'question'::character varying, 'fault'::character varying])::text[]))),
  CONSTRAINT ck_spot_check_note_entry_spotcheckstep CHECK (((step)::text = ANY ((ARRAY['found'::character varying, 'answered'::character varying])::text[]))),
  CONSTRAINT ck_spot_check_note_entry_words CHECK ((((words)::text <> ''::text) OR ((seq = 1) AND ((finding)::text = 'fine'::text)))),
  CONSTRAINT fk_spot_check_note_entry_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_spot_check_note_entry_pick_id_spot_check_pick_entry FOREIGN KEY (pick_id) REFERENCES spot_check_pick_entry(id),
  CONSTRAINT pk_spot_check_note_entry PRIMARY KEY (id),
  CONSTRAINT uq_spot_check_note_entry_pick_id_seq UNIQUE (pick_id, seq)
);

CREATE TRIGGER spot_check_note_entry_append_only BEFORE DELETE OR UPDATE ON public.spot_check_note_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER spot_check_note_entry_no_truncate BEFORE TRUNCATE ON public.spot_check_note_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER spot_check_said BEFORE INSERT ON public.spot_check_note_entry FOR EACH ROW EXECUTE FUNCTION spot_check_said();

CREATE TABLE spot_check_pick_entry (
  id bigint NOT NULL DEFAULT nextval('spot_check_pick_entry_id_seq'::regclass),
  check_id integer NOT NULL,
  place integer NOT NULL,
  movement_id bigint NOT NULL,
  fingerprint character varying(64) NOT NULL,
  CONSTRAINT ck_spot_check_pick_entry_fingerprint CHECK (((place > 0) AND (length((fingerprint)::text) = 64))),
  CONSTRAINT fk_spot_check_pick_entry_check_id_spot_check FOREIGN KEY (check_id) REFERENCES spot_check(id),
  CONSTRAINT fk_spot_check_pick_entry_movement_id_fund_movement_entry FOREIGN KEY (movement_id) REFERENCES fund_movement_entry(id),
  CONSTRAINT pk_spot_check_pick_entry PRIMARY KEY (id),
  CONSTRAINT uq_spot_check_pick_entry_check_id_movement_id UNIQUE (check_id, movement_id),
  CONSTRAINT uq_spot_check_pick_entry_check_id_place UNIQUE (check_id, place)
);

CREATE INDEX ix_spot_check_pick_entry_movement ON public.spot_check_pick_entry USING btree (movement_id);

CREATE TRIGGER spot_check_pick_entry_append_only BEFORE DELETE OR UPDATE ON public.spot_check_pick_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER spot_check_pick_entry_no_truncate BEFORE TRUNCATE ON public.spot_check_pick_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER spot_check_picked BEFORE INSERT ON public.spot_check_pick_entry FOR EACH ROW EXECUTE FUNCTION spot_check_picked();

CREATE TABLE stage (
  id integer NOT NULL DEFAULT nextval('stage_id_seq'::regclass),
  person_id integer NOT NULL,
  kind character varying(32) NOT NULL,
  began_on date NOT NULL,
  CONSTRAINT ck_stage_stagekind CHECK (((kind)::text = ANY ((ARRAY['masses'::character varying, 'applicant'::character varying, 'activist'::character varying, 'candidate'::character varying, 'probationary'::character varying, 'member'::character varying])::text[]))),
  CONSTRAINT fk_stage_person_id_person FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT pk_stage PRIMARY KEY (id),
  CONSTRAINT uq_stage_person_id_kind_began_on UNIQUE (person_id, kind, began_on)
);

CREATE INDEX ix_stage_kind ON public.stage USING btree (kind, began_on);

CREATE TRIGGER stage_of_who_is_erased BEFORE INSERT ON public.stage FOR EACH ROW EXECUTE FUNCTION stage_of_who_is_erased();

CREATE TABLE total_mark (
  total character varying(40) NOT NULL,
  owner_id integer NOT NULL,
  part integer NOT NULL,
  mark bigint NOT NULL,
  CONSTRAINT fk_total_mark_total_total_mark_base FOREIGN KEY (total) REFERENCES total_mark_base(total) ON DELETE CASCADE,
  CONSTRAINT pk_total_mark PRIMARY KEY (total, owner_id, part)
);

CREATE TABLE total_mark_base (
  total character varying(40) NOT NULL,
  upto bigint NOT NULL,
  seed bigint NOT NULL,
  CONSTRAINT pk_total_mark_base PRIMARY KEY (total)
);

CREATE TABLE unit (
  id integer NOT NULL DEFAULT nextval('unit_id_seq'::regclass),
  kind character varying(32) NOT NULL,
  name character varying(80) NOT NULL,
  opened_on date NOT NULL,
  closed_on date,
  CONSTRAINT ck_unit_unitkind CHECK (((kind)::text = ANY ((ARRAY['subdistrict'::character varying, 'community'::character varying, 'general_branch'::character varying, 'branch'::character varying, 'group'::character varying, 'team'::character varying, 'neighbours'::character varying, 'self_governance'::character varying, 'society'::character varying, 'owners_committee'::character varying])::text[]))),
  CONSTRAINT pk_unit PRIMARY KEY (id)
);

CREATE INDEX ix_unit_name ON public.unit USING btree (name);

CREATE TABLE unit_ancestry (
  id integer NOT NULL DEFAULT nextval('unit_ancestry_id_seq'::regclass),
  unit_id integer NOT NULL,
  ancestor_id integer NOT NULL,
  depth integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_unit_ancestry_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT fk_unit_ancestry_ancestor_id_unit FOREIGN KEY (ancestor_id) REFERENCES unit(id),
  CONSTRAINT fk_unit_ancestry_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_unit_ancestry PRIMARY KEY (id)
);

CREATE INDEX ix_unit_ancestry_down ON public.unit_ancestry USING btree (ancestor_id, unit_id, valid_from, valid_to);

CREATE INDEX ix_unit_ancestry_up ON public.unit_ancestry USING btree (unit_id, ancestor_id);

CREATE UNIQUE INDEX uq_unit_ancestry_open ON public.unit_ancestry USING btree (unit_id, ancestor_id) WHERE (valid_to IS NULL);

CREATE TABLE unit_name (
  id integer NOT NULL DEFAULT nextval('unit_name_id_seq'::regclass),
  unit_id integer NOT NULL,
  name character varying(80) NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL,
  CONSTRAINT ck_unit_name_dated CHECK ((valid_to >= valid_from)),
  CONSTRAINT fk_unit_name_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_unit_name PRIMARY KEY (id)
);

CREATE INDEX ix_unit_name_name ON public.unit_name USING btree (name);

CREATE INDEX ix_unit_name_unit_id ON public.unit_name USING btree (unit_id);

CREATE TABLE unit_parent (
  id integer NOT NULL DEFAULT nextval('unit_parent_id_seq'::regclass),
  unit_id integer NOT NULL,
  parent_id integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date,
  CONSTRAINT ck_unit_parent_dated CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  CONSTRAINT ck_unit_parent_not_itself CHECK ((unit_id <> parent_id)),
  CONSTRAINT fk_unit_parent_parent_id_unit FOREIGN KEY (parent_id) REFERENCES unit(id),
  CONSTRAINT fk_unit_parent_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_unit_parent PRIMARY KEY (id)
);

CREATE INDEX ix_unit_parent_parent_id ON public.unit_parent USING btree (parent_id);

CREATE INDEX ix_unit_parent_unit_id ON public.unit_parent USING btree (unit_id);

CREATE UNIQUE INDEX uq_unit_parent_open ON public.unit_parent USING btree (unit_id) WHERE (valid_to IS NULL);

CREATE TRIGGER unit_parent_holds AFTER INSERT OR UPDATE OF unit_id, parent_id, valid_from, valid_to ON public.unit_parent FOR EACH ROW EXECUTE FUNCTION unit_parent_holds();

CREATE TABLE wish (
  id integer NOT NULL DEFAULT nextval('wish_id_seq'::regclass),
  number character varying(20) NOT NULL,
  unit_id integer NOT NULL,
  kind character varying(32) NOT NULL,
  whom character varying(32) NOT NULL,
  way character varying(32) NOT NULL,
  cost bigint,
  title character varying(30) NOT NULL DEFAULT ''::character varying,
  words character varying(200) NOT NULL DEFAULT ''::character varying,
  source_unit_id integer,
  own_id integer,
  told_by_id integer,
  told_at timestamp without time zone NOT NULL,
  told_on date NOT NULL,
  form_key character varying(32),
  device_hash character varying(64),
  slot integer,
  project_id integer,
  veiled_at timestamp without time zone,
  veiled_by_id integer,
  state character varying(32),
  steps integer NOT NULL DEFAULT 0,
  state_at timestamp without time zone,
  state_on date,
  last_by_id integer,
  published_on date,
  ended_on date,
  CONSTRAINT ck_wish_cost CHECK ((cost > 0)),
  CONSTRAINT ck_wish_device CHECK ((((way)::text = 'form'::text) = (device_hash IS NOT NULL))),
  CONSTRAINT ck_wish_forwhom CHECK (((whom)::text = ANY ((ARRAY['elder'::character varying, 'child'::character varying, 'disabled'::character varying, 'ill'::character varying, 'family'::character varying, 'newcomer'::character varying, 'group'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_wish_own CHECK ((((way)::text = 'signed'::text) = (own_id IS NOT NULL))),
  CONSTRAINT ck_wish_slot CHECK ((((device_hash IS NULL) = (slot IS NULL)) AND ((slot IS NULL) OR ((slot >= 1) AND (slot <= 3))))),
  CONSTRAINT ck_wish_source CHECK ((((way)::text = 'unit'::text) = (source_unit_id IS NOT NULL))),
  CONSTRAINT ck_wish_told_by CHECK ((((way)::text = 'form'::text) = (told_by_id IS NULL))),
  CONSTRAINT ck_wish_veiled CHECK (((veiled_at IS NULL) = (veiled_by_id IS NULL))),
  CONSTRAINT ck_wish_wishkind CHECK (((kind)::text = ANY ((ARRAY['thing'::character varying, 'help'::character varying, 'company'::character varying, 'repair'::character varying, 'study'::character varying, 'other'::character varying])::text[]))),
  CONSTRAINT ck_wish_wishstep CHECK (((state)::text = ANY ((ARRAY['told'::character varying, 'verified'::character varying, 'published'::character varying, 'claimed'::character varying, 'connected'::character varying, 'fulfilled'::character varying, 'thanked'::character varying, 'lapsed'::character varying, 'released'::character varying, 'returned'::character varying, 'declined'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT ck_wish_wishway CHECK (((way)::text = ANY ((ARRAY['form'::character varying, 'signed'::character varying, 'phone'::character varying, 'paper'::character varying, 'visit'::character varying, 'unit'::character varying])::text[]))),
  CONSTRAINT fk_wish_last_by_id_person FOREIGN KEY (last_by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_own_id_person FOREIGN KEY (own_id) REFERENCES person(id),
  CONSTRAINT fk_wish_project_id_fund_project FOREIGN KEY (project_id) REFERENCES fund_project(id),
  CONSTRAINT fk_wish_source_unit_id_unit FOREIGN KEY (source_unit_id) REFERENCES unit(id),
  CONSTRAINT fk_wish_told_by_id_person FOREIGN KEY (told_by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT fk_wish_veiled_by_id_person FOREIGN KEY (veiled_by_id) REFERENCES person(id),
  CONSTRAINT pk_wish PRIMARY KEY (id),
  CONSTRAINT uq_wish_device_hash_told_on_slot UNIQUE (device_hash, told_on, slot),
  CONSTRAINT uq_wish_form_key UNIQUE (form_key),
  CONSTRAINT uq_wish_number UNIQUE (number)
);

CREATE INDEX ix_wish_own ON public.wish USING btree (own_id);

CREATE INDEX ix_wish_project ON public.wish USING btree (project_id);

CREATE INDEX ix_wish_state ON public.wish USING btree (state, published_on);

CREATE INDEX ix_wish_unit ON public.wish USING btree (unit_id, state);

CREATE TRIGGER wish_begins BEFORE INSERT ON public.wish FOR EACH ROW EXECUTE FUNCTION wish_begins();

CREATE TRIGGER wish_fixed BEFORE UPDATE OF number, unit_id, way, source_unit_id, own_id, told_by_id, told_at, told_on, form_key, device_hash, slot ON public.wish FOR EACH ROW EXECUTE FUNCTION wish_fixed();

CREATE TRIGGER wish_follows BEFORE UPDATE OF state, steps, state_at, state_on, last_by_id, published_on, ended_on ON public.wish FOR EACH ROW EXECUTE FUNCTION wish_follows();

CREATE TRIGGER wish_kept BEFORE DELETE ON public.wish FOR EACH ROW EXECUTE FUNCTION wish_kept();

CREATE TRIGGER wish_own_project BEFORE UPDATE OF project_id ON public.wish FOR EACH ROW EXECUTE FUNCTION wish_own_project();

CREATE TRIGGER wish_veil BEFORE UPDATE OF veiled_at, veiled_by_id ON public.wish FOR EACH ROW EXECUTE FUNCTION wish_veil();

CREATE TRIGGER wish_worded BEFORE UPDATE OF title, words, kind, whom, cost ON public.wish FOR EACH ROW EXECUTE FUNCTION wish_worded();

CREATE TABLE wish_claim (
  id integer NOT NULL DEFAULT nextval('wish_claim_id_seq'::regclass),
  wish_id integer NOT NULL,
  kind character varying(32) NOT NULL,
  by_id integer,
  unit_id integer,
  name character varying(40) NOT NULL DEFAULT ''::character varying,
  phone character varying(20) NOT NULL DEFAULT ''::character varying,
  donor_digest character varying(64),
  claimed_at timestamp without time zone NOT NULL,
  claimed_on date NOT NULL,
  due_on date NOT NULL,
  form_key character varying(32),
  device_hash character varying(64),
  slot integer NOT NULL,
  connected_on date,
  ended_on date,
  erased_at timestamp without time zone,
  CONSTRAINT ck_wish_claim_by CHECK ((((kind)::text = 'donor'::text) OR (by_id IS NOT NULL))),
  CONSTRAINT ck_wish_claim_connected CHECK (((connected_on IS NULL) OR ((connected_on >= claimed_on) AND (connected_on <= due_on)))),
  CONSTRAINT ck_wish_claim_contact CHECK ((((kind)::text = 'donor'::text) OR (((name)::text = ''::text) AND ((phone)::text = ''::text)))),
  CONSTRAINT ck_wish_claim_device CHECK (((by_id IS NULL) = (device_hash IS NOT NULL))),
  CONSTRAINT ck_wish_claim_digest CHECK ((((kind)::text = 'donor'::text) = (donor_digest IS NOT NULL))),
  CONSTRAINT ck_wish_claim_donor CHECK ((((kind)::text <> 'donor'::text) OR (erased_at IS NOT NULL) OR (((name)::text <> ''::text) AND ((phone)::text <> ''::text)))),
  CONSTRAINT ck_wish_claim_due CHECK ((due_on >= claimed_on)),
  CONSTRAINT ck_wish_claim_ended CHECK (((ended_on IS NULL) OR (ended_on >= claimed_on))),
  CONSTRAINT ck_wish_claim_erased CHECK (((erased_at IS NULL) OR (((name)::text = ''::text) AND ((phone)::text = ''::text)))),
  CONSTRAINT ck_wish_claim_slot CHECK (((slot >= 1) AND (slot <= 3))),
  CONSTRAINT ck_wish_claim_unit CHECK ((((kind)::text = 'unit'::text) = (unit_id IS NOT NULL))),
  CONSTRAINT ck_wish_claim_wishclaimkind CHECK (((kind)::text = ANY ((ARRAY['person'::character varying, 'unit'::character varying, 'donor'::character varying])::text[]))),
  CONSTRAINT fk_wish_claim_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_claim_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT fk_wish_claim_wish_id_wish FOREIGN KEY (wish_id) REFERENCES wish(id),
  CONSTRAINT pk_wish_claim PRIMARY KEY (id),
  CONSTRAINT uq_wish_claim_device_hash_claimed_on_slot UNIQUE (device_hash, claimed_on, slot),
  CONSTRAINT uq_wish_claim_form_key UNIQUE (form_key)
);

CREATE INDEX ix_wish_claim_wish ON public.wish_claim USING btree (wish_id, claimed_on);

CREATE UNIQUE INDEX uq_wish_claim_donor ON public.wish_claim USING btree (donor_digest) WHERE ((ended_on IS NULL) AND (connected_on IS NULL));

CREATE UNIQUE INDEX uq_wish_claim_standing ON public.wish_claim USING btree (wish_id) WHERE (ended_on IS NULL);

CREATE UNIQUE INDEX uq_wish_claim_waiting ON public.wish_claim USING btree (by_id, slot) WHERE ((ended_on IS NULL) AND (connected_on IS NULL));

CREATE TRIGGER wish_claim_begins BEFORE INSERT ON public.wish_claim FOR EACH ROW EXECUTE FUNCTION wish_claim_begins();

CREATE TRIGGER wish_claim_days BEFORE UPDATE OF connected_on, ended_on ON public.wish_claim FOR EACH ROW EXECUTE FUNCTION wish_claim_days();

CREATE TRIGGER wish_claim_erased BEFORE UPDATE OF name, phone ON public.wish_claim FOR EACH ROW EXECUTE FUNCTION wish_claim_erased();

CREATE TRIGGER wish_claim_fixed BEFORE UPDATE OF wish_id, kind, by_id, unit_id, donor_digest, claimed_at, claimed_on, due_on, form_key, device_hash, slot ON public.wish_claim FOR EACH ROW EXECUTE FUNCTION wish_claim_fixed();

CREATE TRIGGER wish_claim_forgotten AFTER UPDATE OF ended_on ON public.wish_claim FOR EACH ROW WHEN (((new.ended_on IS NOT NULL) AND ((new.kind)::text = 'donor'::text) AND (new.erased_at IS NULL))) EXECUTE FUNCTION wish_claim_forgotten();

CREATE TRIGGER wish_claim_kept BEFORE DELETE ON public.wish_claim FOR EACH ROW EXECUTE FUNCTION wish_claim_kept();

CREATE TABLE wish_consent (
  id integer NOT NULL DEFAULT nextval('wish_consent_id_seq'::regclass),
  wish_id integer NOT NULL,
  agreed_at timestamp without time zone NOT NULL,
  asked_by_id integer NOT NULL,
  withdrawn_at timestamp without time zone,
  withdrawn_by_id integer,
  CONSTRAINT ck_wish_consent_withdrawn CHECK (((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL))),
  CONSTRAINT fk_wish_consent_asked_by_id_person FOREIGN KEY (asked_by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_consent_wish_id_wish FOREIGN KEY (wish_id) REFERENCES wish(id),
  CONSTRAINT fk_wish_consent_withdrawn_by_id_person FOREIGN KEY (withdrawn_by_id) REFERENCES person(id),
  CONSTRAINT pk_wish_consent PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_wish_consent_standing ON public.wish_consent USING btree (wish_id) WHERE (withdrawn_at IS NULL);

CREATE TRIGGER wish_consent_fixed BEFORE UPDATE ON public.wish_consent FOR EACH ROW EXECUTE FUNCTION wish_consent_fixed();

CREATE TRIGGER wish_consent_given BEFORE INSERT ON public.wish_consent FOR EACH ROW EXECUTE FUNCTION wish_consent_given();

CREATE TRIGGER wish_consent_kept BEFORE DELETE ON public.wish_consent FOR EACH ROW EXECUTE FUNCTION wish_consent_kept();

CREATE TABLE wish_payment (
  id integer NOT NULL DEFAULT nextval('wish_payment_id_seq'::regclass),
  wish_id integer NOT NULL,
  request_id integer NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  removed_at timestamp without time zone,
  removed_by_id integer,
  reason character varying(200) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_wish_payment_reason CHECK (((removed_at IS NULL) OR ((reason)::text <> ''::text))),
  CONSTRAINT ck_wish_payment_removed CHECK (((removed_at IS NULL) = (removed_by_id IS NULL))),
  CONSTRAINT fk_wish_payment_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_payment_removed_by_id_person FOREIGN KEY (removed_by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_payment_request_id_fund_request FOREIGN KEY (request_id) REFERENCES fund_request(id),
  CONSTRAINT fk_wish_payment_wish_id_wish FOREIGN KEY (wish_id) REFERENCES wish(id),
  CONSTRAINT pk_wish_payment PRIMARY KEY (id)
);

CREATE INDEX ix_wish_payment_request ON public.wish_payment USING btree (request_id);

CREATE UNIQUE INDEX uq_wish_payment_standing ON public.wish_payment USING btree (wish_id, request_id) WHERE (removed_at IS NULL);

CREATE TRIGGER wish_payment_fixed BEFORE UPDATE OF wish_id, request_id, made_by_id, made_at ON public.wish_payment FOR EACH ROW EXECUTE FUNCTION wish_payment_fixed();

CREATE TRIGGER wish_payment_kept BEFORE DELETE ON public.wish_payment FOR EACH ROW EXECUTE FUNCTION wish_payment_kept();

CREATE TRIGGER wish_payment_made BEFORE INSERT ON public.wish_payment FOR EACH ROW EXECUTE FUNCTION wish_payment_made();

CREATE TABLE wish_photo (
  id integer NOT NULL DEFAULT nextval('wish_photo_id_seq'::regclass),
  wish_id integer NOT NULL,
  slot integer NOT NULL,
  name character varying(32) NOT NULL,
  digest character varying(64) NOT NULL,
  alt character varying(80) NOT NULL,
  width integer NOT NULL,
  height integer NOT NULL,
  agreed_at timestamp without time zone,
  added_at timestamp without time zone NOT NULL,
  added_by_id integer NOT NULL,
  removed_at timestamp without time zone,
  removed_by_id integer,
  CONSTRAINT ck_wish_photo_alt CHECK (((alt)::text <> ''::text)),
  CONSTRAINT ck_wish_photo_removed CHECK (((removed_at IS NULL) = (removed_by_id IS NULL))),
  CONSTRAINT ck_wish_photo_size CHECK ((((width >= 1) AND (width <= 1600)) AND ((height >= 1) AND (height <= 1600)))),
  CONSTRAINT ck_wish_photo_slot CHECK (((slot >= 1) AND (slot <= 3))),
  CONSTRAINT fk_wish_photo_added_by_id_person FOREIGN KEY (added_by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_photo_removed_by_id_person FOREIGN KEY (removed_by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_photo_wish_id_wish FOREIGN KEY (wish_id) REFERENCES wish(id),
  CONSTRAINT pk_wish_photo PRIMARY KEY (id),
  CONSTRAINT uq_wish_photo_name UNIQUE (name)
);

CREATE UNIQUE INDEX uq_wish_photo_digest ON public.wish_photo USING btree (wish_id, digest) WHERE (removed_at IS NULL);

CREATE UNIQUE INDEX uq_wish_photo_slot ON public.wish_photo USING btree (wish_id, slot) WHERE (removed_at IS NULL);

CREATE TRIGGER wish_photo_in_time BEFORE INSERT ON public.wish_photo FOR EACH ROW EXECUTE FUNCTION wish_photo_in_time();

CREATE TRIGGER wish_photo_kept BEFORE DELETE ON public.wish_photo FOR EACH ROW EXECUTE FUNCTION wish_photo_kept();

CREATE TABLE wish_private (
  wish_id integer NOT NULL,
  words character varying(600) NOT NULL,
  name character varying(40) NOT NULL,
  phone character varying(20) NOT NULL,
  place character varying(120) NOT NULL,
  erased_at timestamp without time zone,
  CONSTRAINT ck_wish_private_erased CHECK (((erased_at IS NULL) OR (((words)::text = ''::text) AND ((name)::text = ''::text) AND ((phone)::text = ''::text) AND ((place)::text = ''::text)))),
  CONSTRAINT ck_wish_private_words CHECK (((erased_at IS NOT NULL) OR ((words)::text <> ''::text))),
  CONSTRAINT fk_wish_private_wish_id_wish FOREIGN KEY (wish_id) REFERENCES wish(id),
  CONSTRAINT pk_wish_private PRIMARY KEY (wish_id)
);

CREATE INDEX ix_wish_private_kept ON public.wish_private USING btree (wish_id) WHERE (erased_at IS NULL);

CREATE TRIGGER wish_private_kept BEFORE DELETE ON public.wish_private FOR EACH ROW EXECUTE FUNCTION wish_private_kept();

CREATE TRIGGER wish_private_update BEFORE UPDATE ON public.wish_private FOR EACH ROW EXECUTE FUNCTION wish_private_update();

CREATE TABLE wish_round (
  id integer NOT NULL DEFAULT nextval('wish_round_id_seq'::regclass),
  unit_id integer NOT NULL,
  name character varying(40) NOT NULL,
  opens_on date NOT NULL,
  closes_on date NOT NULL,
  made_by_id integer NOT NULL,
  made_at timestamp without time zone NOT NULL,
  CONSTRAINT ck_wish_round_dated CHECK ((closes_on >= opens_on)),
  CONSTRAINT ck_wish_round_named CHECK (((name)::text <> ''::text)),
  CONSTRAINT fk_wish_round_made_by_id_person FOREIGN KEY (made_by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_round_unit_id_unit FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT pk_wish_round PRIMARY KEY (id),
  CONSTRAINT uq_wish_round_unit_id_opens_on UNIQUE (unit_id, opens_on)
);

CREATE TRIGGER wish_round_apart BEFORE INSERT ON public.wish_round FOR EACH ROW EXECUTE FUNCTION wish_round_apart();

CREATE TRIGGER wish_round_moved BEFORE UPDATE ON public.wish_round FOR EACH ROW EXECUTE FUNCTION wish_round_moved();

CREATE TABLE wish_step_entry (
  id bigint NOT NULL DEFAULT nextval('wish_step_entry_id_seq'::regclass),
  wish_id integer NOT NULL,
  seq integer NOT NULL,
  step character varying(32) NOT NULL,
  at timestamp without time zone NOT NULL,
  happened_on date NOT NULL,
  by_id integer,
  claim_id integer,
  note character varying(200) NOT NULL DEFAULT ''::character varying,
  reference character varying(60) NOT NULL DEFAULT ''::character varying,
  CONSTRAINT ck_wish_step_entry_by CHECK (((by_id IS NOT NULL) OR ((step)::text = ANY ((ARRAY['told'::character varying, 'claimed'::character varying, 'lapsed'::character varying])::text[])))),
  CONSTRAINT ck_wish_step_entry_claim CHECK (((claim_id IS NOT NULL) OR ((step)::text <> ALL ((ARRAY['claimed'::character varying, 'connected'::character varying, 'fulfilled'::character varying, 'thanked'::character varying, 'lapsed'::character varying, 'released'::character varying])::text[])))),
  CONSTRAINT ck_wish_step_entry_note CHECK ((((step)::text <> ALL ((ARRAY['released'::character varying, 'returned'::character varying, 'declined'::character varying, 'withdrawn'::character varying, 'fulfilled'::character varying])::text[])) OR ((note)::text <> ''::text))),
  CONSTRAINT ck_wish_step_entry_wishstep CHECK (((step)::text = ANY ((ARRAY['told'::character varying, 'verified'::character varying, 'published'::character varying, 'claimed'::character varying, 'connected'::character varying, 'fulfilled'::character varying, 'thanked'::character varying, 'lapsed'::character varying, 'released'::character varying, 'returned'::character varying, 'declined'::character varying, 'withdrawn'::character varying])::text[]))),
  CONSTRAINT fk_wish_step_entry_by_id_person FOREIGN KEY (by_id) REFERENCES person(id),
  CONSTRAINT fk_wish_step_entry_claim_id_wish_claim FOREIGN KEY (claim_id) REFERENCES wish_claim(id),
  CONSTRAINT fk_wish_step_entry_wish_id_wish FOREIGN KEY (wish_id) REFERENCES wish(id),
  CONSTRAINT pk_wish_step_entry PRIMARY KEY (id),
  CONSTRAINT uq_wish_step_entry_wish_id_seq UNIQUE (wish_id, seq)
);

CREATE INDEX ix_wish_step_entry_claim ON public.wish_step_entry USING btree (claim_id);

CREATE TRIGGER wish_step_entry_append_only BEFORE DELETE OR UPDATE ON public.wish_step_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER wish_step_entry_no_truncate BEFORE TRUNCATE ON public.wish_step_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER wish_step_followed AFTER INSERT ON public.wish_step_entry FOR EACH ROW EXECUTE FUNCTION wish_step_followed();

CREATE TRIGGER wish_step_order BEFORE INSERT ON public.wish_step_entry FOR EACH ROW EXECUTE FUNCTION wish_step_order();

