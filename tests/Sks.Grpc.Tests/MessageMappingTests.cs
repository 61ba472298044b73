using Sks.Node;
using Sks.OpenPgp;
using Sks.Storage;
using V1 = Sks.Keys.V1;

namespace Sks.Grpc.Tests;

public class MessageMappingTests
{
    [Fact]
    public void Every_value_of_the_node_has_a_name_of_its_own_in_the_interface()
    {
        AssertNamed(Enum.GetValues<ChangeSource>(), source => source.ToMessage(), V1.ChangeSource.Unspecified);
        AssertNamed(Enum.GetValues<SubmissionResult>(), result => result.ToMessage(), V1.SubmissionResult.Unspecified);
        AssertNamed(Enum.GetValues<RejectionReason>().Where(reason => reason != RejectionReason.None), reason => reason.ToMessage(), V1.RejectionReason.Unspecified);
        Assert.Equal(V1.RejectionReason.Unspecified, RejectionReason.None.ToMessage());
        AssertNamed(Enum.GetValues<PacketFate>(), fate => fate.ToMessage(), Admin.V1.PacketFate.Unspecified);
        AssertNamed(
            Enumerable.Range((int)PacketVerdict.Unusable, 5).Select(value => (PacketVerdict)value), verdict => verdict.ToMessage(), Admin.V1.SignatureVerdict.Unspecified);
        Assert.Equal(Admin.V1.SignatureVerdict.Unspecified, PacketVerdict.NotExamined.ToMessage());
        Assert.Equal(Admin.V1.SignatureVerdict.Proven, (PacketVerdict.Proven | PacketVerdict.BackSigned | PacketVerdict.NotCanonical).ToMessage());
        Assert.All(Enum.GetValues<PacketFate>(), fate => Assert.Equal(fate == PacketFate.Kept, PacketFateText.Of(fate).Length == 0));
    }

    [Fact]
    public void Every_failure_has_a_name_of_its_own_that_the_interface_documents()
    {
        string documentation = string.Concat(
            Directory.GetFiles(Repository.Combine("protos", "sks"), "*_service.proto", SearchOption.AllDirectories).Select(File.ReadAllText));
        ErrorRow[] rows = [.. Enum.GetValues<ErrorReason>().Select(ErrorTable.Find)];

        Assert.Equal(rows.Length, rows.Select(row => row.Name).Distinct().Count());
        foreach (ErrorRow row in rows)
        {
            string status = string.Concat(row.Code.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}")).ToUpperInvariant();
            Assert.Matches($@"//   {status} +{row.Name}\b", documentation);
        }
    }

    private static void AssertNamed<TValue, TMessage>(IEnumerable<TValue> values, Func<TValue, TMessage> map, TMessage unspecified)
    {
        TMessage[] messages = [.. values.Select(map)];
        Assert.NotEmpty(messages);
        Assert.DoesNotContain(unspecified, messages);
        Assert.Equal(messages.Length, messages.Distinct().Count());
    }
}
