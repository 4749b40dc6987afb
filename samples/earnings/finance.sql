-- Halden Instruments (fictional): the figures of the CSV files beside this one, for the SQL tool.
-- Creates the schema "finance" and nothing else; run it again to start afresh.
-- Amounts are thousand USD, shares are thousands, dividends USD per share.
BEGIN;
DROP SCHEMA IF EXISTS finance CASCADE;
CREATE SCHEMA finance;
COMMENT ON SCHEMA finance IS 'Halden Instruments (fictional): amounts in thousand USD, shares in thousands.';

CREATE TABLE finance.quarterly_results (
  quarter text PRIMARY KEY CHECK (quarter ~ '^[0-9]{4}-Q[1-4]$'),
  period_end date NOT NULL UNIQUE,
  revenue bigint NOT NULL,
  cost_of_revenue bigint NOT NULL,
  gross_profit bigint NOT NULL,
  research_and_development bigint NOT NULL,
  sales_and_marketing bigint NOT NULL,
  general_and_administrative bigint NOT NULL,
  restructuring bigint NOT NULL,
  operating_income bigint NOT NULL,
  interest_expense bigint NOT NULL,
  other_income bigint NOT NULL,
  pretax_income bigint NOT NULL,
  income_tax bigint NOT NULL,
  net_income bigint NOT NULL,
  CHECK (gross_profit = revenue - cost_of_revenue),
  CHECK (operating_income = gross_profit - research_and_development - sales_and_marketing
    - general_and_administrative - restructuring),
  CHECK (pretax_income = operating_income - interest_expense + other_income),
  CHECK (net_income = pretax_income - income_tax)
);
COMMENT ON COLUMN finance.quarterly_results.other_income IS 'Net of other expense; negative when expense prevails.';
COMMENT ON COLUMN finance.quarterly_results.income_tax IS 'Negative is a tax benefit.';

CREATE TABLE finance.segment_results (
  quarter text NOT NULL REFERENCES finance.quarterly_results,
  segment text NOT NULL,
  revenue bigint NOT NULL,
  cost_of_revenue bigint NOT NULL,
  gross_profit bigint NOT NULL CHECK (gross_profit = revenue - cost_of_revenue),
  PRIMARY KEY (quarter, segment)
);

CREATE TABLE finance.share_counts (
  quarter text PRIMARY KEY REFERENCES finance.quarterly_results,
  basic_shares bigint NOT NULL,
  diluted_shares bigint NOT NULL,
  dividend_per_share numeric(6, 2) NOT NULL
);
COMMENT ON TABLE finance.share_counts IS 'Weighted averages in thousands. In a quarter with a loss diluted equals basic.';

CREATE TABLE finance.headcount (
  quarter text NOT NULL REFERENCES finance.quarterly_results,
  function text NOT NULL,
  headcount integer NOT NULL,
  PRIMARY KEY (quarter, function)
);
COMMENT ON TABLE finance.headcount IS 'Full-time equivalents at the end of the quarter.';

CREATE TABLE finance.guidance (
  given_with text NOT NULL REFERENCES finance.quarterly_results,
  period text NOT NULL,
  metric text NOT NULL,
  low numeric(14, 2) NOT NULL,
  high numeric(14, 2) NOT NULL CHECK (high >= low),
  unit text NOT NULL,
  PRIMARY KEY (given_with, period, metric)
);
COMMENT ON TABLE finance.guidance IS 'What management expected of "period" when it published the quarter "given_with".';

CREATE TABLE finance.notes (
  id integer PRIMARY KEY,
  quarter text NOT NULL REFERENCES finance.quarterly_results,
  topic text NOT NULL,
  note text NOT NULL
);
COMMENT ON TABLE finance.notes IS 'Management''s own words on what moved the figures.';

INSERT INTO finance.quarterly_results (quarter, period_end, revenue, cost_of_revenue, gross_profit, research_and_development, sales_and_marketing, general_and_administrative, restructuring, operating_income, interest_expense, other_income, pretax_income, income_tax, net_income) VALUES
  ('2024-Q1', '2024-03-31', 97810, 50233, 47577, 13905, 17640, 8310, 0, 7722, 1420, 215, 6517, 1587, 4930),
  ('2024-Q2', '2024-06-30', 102195, 52004, 50191, 14120, 18215, 8425, 0, 9431, 1405, -140, 7886, 1834, 6052),
  ('2024-Q3', '2024-09-30', 102110, 51632, 50478, 14480, 18060, 8390, 0, 9548, 1390, 310, 8468, 1710, 6758),
  ('2024-Q4', '2024-12-31', 113160, 56902, 56258, 14865, 19480, 8760, 0, 13153, 1370, 95, 11878, 2743, 9135),
  ('2025-Q1', '2025-03-31', 110470, 55160, 55310, 15390, 19105, 8705, 0, 12110, 1355, -265, 10490, 2105, 8385),
  ('2025-Q2', '2025-06-30', 115285, 57402, 57883, 15820, 19730, 8840, 0, 13493, 1340, 180, 12333, 2496, 9837),
  ('2025-Q3', '2025-09-30', 113630, 57143, 56487, 16240, 19345, 9130, 18400, -6628, 1480, -410, -8518, -2120, -6398),
  ('2025-Q4', '2025-12-31', 125740, 62023, 63717, 16515, 20910, 9085, 2150, 15057, 1465, 325, 13917, 3011, 10906),
  ('2026-Q1', '2026-03-31', 122800, 59497, 63303, 16890, 20265, 8920, 0, 17228, 1310, 140, 16058, 3226, 12832),
  ('2026-Q2', '2026-06-30', 128990, 61512, 67478, 17235, 20840, 9055, 0, 20348, 1245, -85, 19018, 4148, 14870);

INSERT INTO finance.segment_results (quarter, segment, revenue, cost_of_revenue, gross_profit) VALUES
  ('2024-Q1', 'Instruments', 61240, 35640, 25600),
  ('2024-Q1', 'Software', 22180, 4880, 17300),
  ('2024-Q1', 'Services', 14390, 9713, 4677),
  ('2024-Q2', 'Instruments', 63915, 37007, 26908),
  ('2024-Q2', 'Software', 23460, 5067, 18393),
  ('2024-Q2', 'Services', 14820, 9930, 4890),
  ('2024-Q3', 'Instruments', 62070, 36125, 25945),
  ('2024-Q3', 'Software', 24935, 5311, 19624),
  ('2024-Q3', 'Services', 15105, 10196, 4909),
  ('2024-Q4', 'Instruments', 70480, 40596, 29884),
  ('2024-Q4', 'Software', 26720, 5612, 21108),
  ('2024-Q4', 'Services', 15960, 10694, 5266),
  ('2025-Q1', 'Instruments', 66325, 38601, 27724),
  ('2025-Q1', 'Software', 28410, 5938, 22472),
  ('2025-Q1', 'Services', 15735, 10621, 5114),
  ('2025-Q2', 'Instruments', 68790, 40242, 28548),
  ('2025-Q2', 'Software', 30255, 6263, 23992),
  ('2025-Q2', 'Services', 16240, 10897, 5343),
  ('2025-Q3', 'Instruments', 64860, 39240, 25620),
  ('2025-Q3', 'Software', 32190, 6728, 25462),
  ('2025-Q3', 'Services', 16580, 11175, 5405),
  ('2025-Q4', 'Instruments', 73545, 43318, 30227),
  ('2025-Q4', 'Software', 34870, 7149, 27721),
  ('2025-Q4', 'Services', 17325, 11556, 5769),
  ('2026-Q1', 'Instruments', 69110, 40636, 28474),
  ('2026-Q1', 'Software', 36640, 7438, 29202),
  ('2026-Q1', 'Services', 17050, 11423, 5627),
  ('2026-Q2', 'Instruments', 71985, 41895, 30090),
  ('2026-Q2', 'Software', 39215, 7804, 31411),
  ('2026-Q2', 'Services', 17790, 11813, 5977);

INSERT INTO finance.share_counts (quarter, basic_shares, diluted_shares, dividend_per_share) VALUES
  ('2024-Q1', 47310, 48120, 0.11),
  ('2024-Q2', 47285, 48065, 0.11),
  ('2024-Q3', 47190, 47980, 0.11),
  ('2024-Q4', 47020, 47815, 0.11),
  ('2025-Q1', 46880, 47690, 0.12),
  ('2025-Q2', 46795, 47580, 0.12),
  ('2025-Q3', 46810, 46810, 0.12),
  ('2025-Q4', 46640, 47390, 0.12),
  ('2026-Q1', 46455, 47205, 0.13),
  ('2026-Q2', 46230, 46985, 0.13);

INSERT INTO finance.headcount (quarter, function, headcount) VALUES
  ('2024-Q1', 'Engineering', 412),
  ('2024-Q1', 'Manufacturing', 655),
  ('2024-Q1', 'Sales and service', 338),
  ('2024-Q1', 'Administration', 121),
  ('2024-Q2', 'Engineering', 418),
  ('2024-Q2', 'Manufacturing', 660),
  ('2024-Q2', 'Sales and service', 341),
  ('2024-Q2', 'Administration', 122),
  ('2024-Q3', 'Engineering', 425),
  ('2024-Q3', 'Manufacturing', 648),
  ('2024-Q3', 'Sales and service', 344),
  ('2024-Q3', 'Administration', 122),
  ('2024-Q4', 'Engineering', 431),
  ('2024-Q4', 'Manufacturing', 662),
  ('2024-Q4', 'Sales and service', 350),
  ('2024-Q4', 'Administration', 124),
  ('2025-Q1', 'Engineering', 440),
  ('2025-Q1', 'Manufacturing', 658),
  ('2025-Q1', 'Sales and service', 352),
  ('2025-Q1', 'Administration', 125),
  ('2025-Q2', 'Engineering', 446),
  ('2025-Q2', 'Manufacturing', 664),
  ('2025-Q2', 'Sales and service', 357),
  ('2025-Q2', 'Administration', 126),
  ('2025-Q3', 'Engineering', 421),
  ('2025-Q3', 'Manufacturing', 590),
  ('2025-Q3', 'Sales and service', 343),
  ('2025-Q3', 'Administration', 118),
  ('2025-Q4', 'Engineering', 418),
  ('2025-Q4', 'Manufacturing', 585),
  ('2025-Q4', 'Sales and service', 340),
  ('2025-Q4', 'Administration', 117),
  ('2026-Q1', 'Engineering', 424),
  ('2026-Q1', 'Manufacturing', 588),
  ('2026-Q1', 'Sales and service', 344),
  ('2026-Q1', 'Administration', 117),
  ('2026-Q2', 'Engineering', 430),
  ('2026-Q2', 'Manufacturing', 592),
  ('2026-Q2', 'Sales and service', 347),
  ('2026-Q2', 'Administration', 118);

INSERT INTO finance.guidance (given_with, period, metric, low, high, unit) VALUES
  ('2026-Q1', '2026-Q2', 'revenue', 124500, 128500, 'thousand USD'),
  ('2026-Q1', '2026-Q2', 'gross_margin', 51.0, 52.5, 'percent'),
  ('2026-Q1', '2026-Q2', 'eps_diluted', 0.24, 0.29, 'USD per share'),
  ('2026-Q2', '2026-Q3', 'revenue', 127000, 131000, 'thousand USD'),
  ('2026-Q2', '2026-Q3', 'gross_margin', 51.5, 53.0, 'percent'),
  ('2026-Q2', '2026-FY', 'revenue', 517000, 525000, 'thousand USD');

INSERT INTO finance.notes (id, quarter, topic, note) VALUES
  (1, '2025-Q3', 'restructuring', 'The Tromso assembly line was closed and 74 positions in manufacturing ended; charges of 18,400 thousand USD, of which 11,900 are severance.'),
  (2, '2025-Q3', 'supply', 'A shortage of pressure sensors delayed about 4,100 thousand USD of instrument orders into the fourth quarter.'),
  (3, '2025-Q4', 'instruments', 'Delayed orders of the third quarter were delivered in full.'),
  (4, '2025-Q4', 'restructuring', 'A last charge of 2,150 thousand USD completes the closure of Tromso.'),
  (5, '2026-Q1', 'software', 'Yearly renewals reached 94 percent of the value due; the price list rose by 4 percent on 1 January.'),
  (6, '2026-Q1', 'shares', '240 thousand shares were bought back for 5,980 thousand USD.'),
  (7, '2026-Q2', 'software', 'Fleet Monitor subscriptions passed 10,000 sites; software is now about 30 percent of revenue.'),
  (8, '2026-Q2', 'instruments', 'Demand from water utilities grew in Northern Europe; sales to semiconductor plants stayed flat.'),
  (9, '2026-Q2', 'costs', 'Moving assembly to Halden lowered the unit cost of the HX line.'),
  (10, '2026-Q2', 'currency', 'A weaker dollar added about 900 thousand USD to revenue compared with the same quarter of 2025.'),
  (11, '2026-Q2', 'services', 'Two calibration contracts with a utility began in May and run for three years.');

COMMIT;
