// Signs in, describes, makes, upserts, reads page by page and deletes, as a customer's own integration would.
// Takes the organisation from the environment, prints one JSON object of what it was answered.
const jsforce = require("jsforce");

async function main() {
  const { ORG_URL, CLIENT_ID, CLIENT_SECRET } = process.env;
  const oauth2 = { loginUrl: ORG_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
  const org = new jsforce.Connection({ oauth2, instanceUrl: ORG_URL, version: "66.0" });
  const person = await org.authorize({ grant_type: "client_credentials" });
  const described = await org.sobject("Account").describe();
  const made = await org.sobject("Account").create({ Name: "Made by jsforce", PRM_Id__c: "one" });
  const upserted = await org
    .sobject("Account")
    .upsert([{ PRM_Id__c: "one", Name: "Renamed" }, { PRM_Id__c: "two", Name: "Second" }], "PRM_Id__c");
  const found = await org.sobject("Account").findOne({ PRM_Id__c: "one" }, ["Id", "Name"]);
  const all = await org.query("SELECT Id FROM Account ORDER BY Id", { autoFetch: true, maxFetch: 10000 });
  const gone = await org.sobject("Account").destroy(made.id);
  const refused = await org
    .sobject("Account")
    .create({ Nothing__c: 1 })
    .then(() => "nothing", (error) => error.errorCode);
  const answers = {
    organisation: person.organizationId,
    fields: described.fields.map((field) => field.name),
    made: made.id,
    upserted: upserted.map((one) => ({ success: one.success, created: one.created })),
    found,
    read: all.records.length,
    total: all.totalSize,
    gone: gone.success,
    refused,
  };
  console.log(JSON.stringify(answers));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
