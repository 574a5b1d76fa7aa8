"""The single table: keys, codec, and one repository per aggregate. PynamoDB lives here only.

How it is read and written, and the units it takes: W of writes, R of consistent reads. What
changes the price of a wish is seen in `tests/table/test_costs.py`.

pattern                                  how                                            units
---------------------------------------  ---------------------------------------------  -----------
create a job, without / with a key       transaction of 10 / 11                         25 / 27 W
the same request again                   get idempotency, get header and progress       3 R
one job with live progress               batch get of header and progress               2 R
start a job / finish it with its video   transaction of 5 / 10                          17 / 27 W
let a failed job wait / with a key       transaction of 6 / 7                           18 / 20 W
take a lease, give it back               update each                                    2 W
note how long a job took                 get, update                                    1 R, 1 W
a round that starts jobs, beside these   as the next row, update of the service         1-5 W
tell when waiting jobs start             SHARDS queries of GSI2 twice, query G#TURNS,   by size
                                         get of the service
report progress, learn "cancel"          update of the progress item                    1 W
report a task's share, learn "cancel"    the same, up to about 220 tasks of a job       1 W
my jobs, newest first / of one status    query O#<t> JOB# / GSI1 O#<t>#JOBS <status>#   by size
jobs by what no index serves             the same, row by row, at most 300 a page       by size
tasks of a job                           query O#<t>#J#<j> TASK#                        by size
work due, of one sort                    SHARDS queries of GSI2, merged                 0.5 R each
take tokens from a bucket                update of the bucket, from now or from then    1 W
what a tenant made from day to day       query O#<t>#USAGE D#                           by size
what a user made from day to day         batch get of the days                          1 R a day
journal of a tenant, by time             query O#<t>#H                                  by size
of a thing / of an actor                 query GSI2 O#<t>#RES# / GSI1 O#<t>#ACT#        by size
seal 100 entries / find none to seal     query, transaction of 2 / 2 queries            32 W, 2-5 R
give an event its place in the log       get, transaction of 3, one more a delivery     1 R, 7 W
send an event: order it, hear of it      gets of 2, update / gets of 2, update          4 R, 5 W
what the courier has to do               SHARDS queries of GSI2 three times             12 R
follow the log                           query O#<t>#EV <place>                         by size
add an asset / count its use of bytes    transaction of 5 / get, transaction of 3-4     13 / 9-11 W
keys of a tenant                         query O#<t>#AUTH KEY#                          by size
sessions of a user                       query GSI1 O#<t>#S#<user>                      by size
users of a tenant, by id                 query O#<t> USER#                              by size
find by username or e-mail               get marker, get user                           2 R
rename a user                            transaction of 4                               10 W
sign in                                  gets of 3, transaction of 3, update            3 R, 10 W
stay signed in                           gets of 2, update                              2 R, 2 W
sign up                                  transaction of 8                               18 W
a user's things, newest first            query O#<t>#X#<user>, batch get                0.5 R each
films / files of a tenant, newest first  query O#<t> VID# / O#<t>#LIB FILE#             by size
files by type and name                   query GSI1 O#<t>#FILES <type>#<name>, get      1.5 R each
"""

from reelsmith.table.repositories import Repositories, open_table

__all__ = ["Repositories", "open_table"]
