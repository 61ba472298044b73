using System.Buffers;
using System.Text;
using Sks.HkpAdapter.Recon;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>The settings and verdicts before a session.</summary>
public sealed class ReconHandshakeTests
{
    private static readonly ReconConfiguration Own = new(["a", "b"], 11371);

    [Fact]
    public void Settings_may_be_cut_anywhere()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(ReconHandshake.WriteConfiguration(output, Own), output.WrittenCount);
        byte[] bytes = output.WrittenSpan.ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            var cut = new SequenceReader<byte>(Segments.Cut(bytes.AsMemory(0, length)));
            Assert.Equal(OperationStatus.NeedMoreData, ReconHandshake.TryReadConfiguration(ref cut, out _));
            Assert.Equal(0, cut.Consumed);
        }

        var whole = new SequenceReader<byte>(Segments.Cut(bytes));
        Assert.Equal(OperationStatus.Done, ReconHandshake.TryReadConfiguration(ref whole, out IReadOnlyDictionary<string, byte[]>? settings));
        Assert.Equal(bytes.Length, whole.Consumed);
        Assert.True(ReconHandshake.TryAccept(Own, settings!, out ReconConfiguration? remote, out string? reason));
        Assert.Null(reason);
        Assert.Equivalent(Own, remote, strict: true);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("mbar values do not match")]
    public void A_verdict_may_be_cut_anywhere(string? reason)
    {
        var output = new ArrayBufferWriter<byte>();
        ReconHandshake.WriteVerdict(output, reason);
        byte[] bytes = output.WrittenSpan.ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            var cut = new SequenceReader<byte>(Segments.Cut(bytes.AsMemory(0, length)));
            Assert.Equal(OperationStatus.NeedMoreData, ReconHandshake.TryReadVerdict(ref cut, out _));
            Assert.Equal(0, cut.Consumed);
        }

        var whole = new SequenceReader<byte>(Segments.Cut(bytes));
        Assert.Equal(OperationStatus.Done, ReconHandshake.TryReadVerdict(ref whole, out string? read));
        Assert.Equal(reason, read);
        Assert.Equal(bytes.Length, whole.Consumed);
    }

    [Theory]
    [InlineData("00000007")] // longer than either word
    [InlineData("ffffffff")]
    [InlineData("000000056d61796265")]
    [InlineData("000000066661696c656400004001")] // a reason that is too long, announced only
    public void What_is_no_verdict_is_told_apart(string hex)
    {
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(Convert.FromHexString(hex)));

        Assert.Equal(OperationStatus.InvalidData, ReconHandshake.TryReadVerdict(ref reader, out _));
    }

    [Theory]
    [InlineData("version", "0.1.4", "Requires version at least 0.1.5.  0.1.4 provided ")]
    [InlineData("version", "-1.1.6", "Error parsing configdata: version is not three numbers")]
    [InlineData("version", "99999999999.1.6", "Error parsing configdata: version is not three numbers")]
    [InlineData("filters", "a", "filters do not match.\n\tlocal filters: [ a b ]\n\tremote filters: [ a ]")]
    [InlineData("filters", "", "filters do not match.\n\tlocal filters: [ a b ]\n\tremote filters: [ ]")]
    [InlineData("bitquantum", "\0\0\0\u0003", "bitquantum values do not match")]
    [InlineData("mbar", "\0\0\0\u0006", "mbar values do not match")]
    [InlineData("http port", "\0\u0001\0\0", "Error parsing configdata: http port is no port")]
    [InlineData("http port", "\0\0\0\0", "Error parsing configdata: http port is no port")]
    [InlineData("http port", null, "Missing entry in configdata")]
    public void A_wrong_setting_is_refused_in_words(string key, string? value, string expected)
    {
        Dictionary<string, byte[]> settings = Make();
        if (value is null)
            settings.Remove(key);
        else
            settings[key] = Encoding.Latin1.GetBytes(value);

        Assert.False(ReconHandshake.TryAccept(Own, settings, out ReconConfiguration? remote, out string? reason));

        Assert.Null(remote);
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void The_first_of_several_reasons_counts()
    {
        (string Key, string Reason)[] order =
        [
            ("version", "Error parsing"), ("filters", "filters do"), ("bitquantum", "bitquantum"), ("mbar", "mbar"), ("http port", "Error parsing"),
        ];
        for (int i = 0; i < order.Length; i++)
        {
            Dictionary<string, byte[]> settings = Make();
            foreach ((string key, _) in order[i..])
                settings[key] = [0, 0, 0, 0];
            Assert.False(ReconHandshake.TryAccept(Own, settings, out _, out string? reason));
            Assert.StartsWith(order[i].Reason, reason, StringComparison.Ordinal);
        }
    }

    private static Dictionary<string, byte[]> Make() => new(StringComparer.Ordinal)
    {
        ["version"] = "1.1.6"u8.ToArray(),
        ["filters"] = "b,a"u8.ToArray(),
        ["bitquantum"] = [0, 0, 0, 2],
        ["mbar"] = [0, 0, 0, 5],
        ["http port"] = [0, 0, 0x2C, 0x6B],
    };
}
