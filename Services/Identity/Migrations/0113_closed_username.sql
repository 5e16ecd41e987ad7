-- Who is gone keeps no name: with the same address somebody invited again opens another account.
ALTER TABLE account DROP CONSTRAINT account_username;
CREATE UNIQUE INDEX account_username ON account (username) WHERE state <> 'closed';
