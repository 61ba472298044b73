using Sks.CrashChild;

// A process that tests kill: VERB FOLDER FIRST-SEED
string folder = args[1];
int seed = int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture);
switch (args[0])
{
    case "hold":
        await Work.HoldAsync(folder);
        break;
    case "submit":
        await Work.SubmitAsync(folder, seed);
        break;
    case "bulk":
        await Work.BulkLoadAsync(folder, seed);
        break;
    case "migrate":
        await Work.MigrateAsync(folder, seed);
        break;
    default:
        return 2;
}

return 0;
