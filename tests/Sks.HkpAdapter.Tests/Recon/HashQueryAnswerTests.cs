using System.Buffers.Binary;
using Sks.HkpAdapter.Recon;

namespace Sks.HkpAdapter.Tests.Recon;

public sealed class HashQueryAnswerTests
{
    private const int MaxCertificateBytes = 1000;
    private const long MaxBytes = 10_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Names of recorded requests that SKS answered with certificates or an empty list, and how many came.</summary>
    public static TheoryData<string, int> Recorded => new()
    {
        { "hashquery one", 1 },
        { "hashquery three", 3 },
        { "hashquery unknown", 0 },
        { "hashquery mixed", 1 },
        { "hashquery empty list", 0 },
        { "hashquery duplicate", 2 },
        { "hashquery as SKS sends it", 1 },
        { "hashquery HTTP/1.1 with headers", 1 },
    };

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task What_SKS_answers_is_read_and_its_line_end_is_not(string name, int count)
    {
        SksExchange exchange = Vectors.SksExchanges.Single(one => one.Name == name);
        using var body = new MemoryStream([.. exchange.Body, .. "\r\n"u8]);

        (List<byte[]> certificates, Exception? failure, long bytes) = await ReadAsync(body);

        Assert.Null(failure);
        Assert.Equal(count, certificates.Count);
        Assert.Equal(exchange.Body.Length, bytes);
        Assert.Equal(2, body.Length - body.Position);
        Assert.All(certificates, static one => Assert.NotEmpty(Synthetic.Packets(one)));
    }

    [Fact]
    public async Task More_certificates_than_were_asked_for_are_refused_before_the_first()
    {
        using var body = new MemoryStream(Answer(3, [1], [2], [3]));

        (List<byte[]> certificates, Exception? failure, _) = await ReadAsync(body, maxCount: 2);

        Assert.Empty(certificates);
        Assert.Contains("announced 3 certificates where 2", Assert.IsType<IOException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_count_is_no_negative_number()
    {
        using var body = new MemoryStream([255, 255, 255, 255]);

        (_, Exception? failure, _) = await ReadAsync(body);

        Assert.Contains("announced 4294967295 certificates", Assert.IsType<IOException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_cut_off_anywhere_gives_what_is_complete_and_fails()
    {
        byte[] answer = Answer(3, [1, 2, 3], new byte[MaxCertificateBytes + 1], [4, 5]);
        int firstEnd = 4 + 4 + 3;
        for (int length = 0; length < answer.Length - 2; length++)
        {
            using var body = new MemoryStream(answer, 0, length);

            (List<byte[]> certificates, Exception? failure, _) = await ReadAsync(body);

            Assert.Equal(length < firstEnd ? [] : [[1, 2, 3]], certificates);
            Assert.Contains("ends too early", Assert.IsType<IOException>(failure).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0x7FFFFFFFu)]
    public async Task A_claimed_length_takes_no_memory(uint length)
    {
        byte[] answer = [0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3];
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(4), length);
        using var body = new MemoryStream(answer);
        long before = GC.GetAllocatedBytesForCurrentThread();

        (List<byte[]> certificates, Exception? failure, _) = await ReadAsync(body, maxCertificateBytes: int.MaxValue, maxBytes: long.MaxValue);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 1 << 20);
        Assert.Empty(certificates);
        Assert.Contains("ends too early", Assert.IsType<IOException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_as_long_as_the_bound_is_delivered_and_a_longer_one_passed_over()
    {
        byte[] longest = [.. Enumerable.Range(0, MaxCertificateBytes).Select(static i => (byte)i)];
        using var body = new MemoryStream(Answer(3, new byte[MaxCertificateBytes + 1], longest, [7]));

        (List<byte[]> certificates, Exception? failure, long bytes) = await ReadAsync(body);

        Assert.Null(failure);
        Assert.Equal([longest, [7]], certificates);
        Assert.Equal(body.Length - 2, bytes);
    }

    [Theory]
    [InlineData((64 * 1024) - 1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(300_001)]
    public async Task A_certificate_of_several_pieces_is_put_together(int length)
    {
        byte[] certificate = new byte[length];
        new Random(1).NextBytes(certificate);
        using var body = new MemoryStream(Answer(2, certificate, [9]));

        (List<byte[]> kept, _, _) = await ReadAsync(body, maxCertificateBytes: length, maxBytes: length + 100);
        body.Position = 0;
        (List<byte[]> passed, _, _) = await ReadAsync(body, maxCertificateBytes: length - 1, maxBytes: length + 100);

        Assert.Equal([certificate, [9]], kept);
        Assert.Equal([[9]], passed);
    }

    [Fact]
    public async Task An_answer_may_be_as_long_as_its_bound_and_no_longer()
    {
        byte[] answer = Answer(2, [1, 2, 3], [4, 5]);
        long length = answer.Length - 2;
        using var fitting = new MemoryStream(answer);
        using var longer = new MemoryStream(answer);

        (List<byte[]> all, Exception? none, _) = await ReadAsync(fitting, maxBytes: length);
        (List<byte[]> first, Exception? failure, long bytes) = await ReadAsync(longer, maxBytes: length - 1);

        Assert.Null(none);
        Assert.Equal([[1, 2, 3], [4, 5]], all);
        Assert.Equal([[1, 2, 3]], first);
        Assert.Contains("more than 16 bytes", Assert.IsType<IOException>(failure).Message, StringComparison.Ordinal);
        Assert.Equal(length - 2, bytes);
    }

    [Fact]
    public async Task What_is_passed_over_counts_for_the_bound_as_well()
    {
        using var body = new MemoryStream(Answer(2, new byte[MaxCertificateBytes + 1], new byte[MaxCertificateBytes + 1]));

        (_, Exception? failure, _) = await ReadAsync(body, maxBytes: 2 * MaxCertificateBytes);

        Assert.Contains("more than 2000 bytes", Assert.IsType<IOException>(failure).Message, StringComparison.Ordinal);
    }

    private static byte[] Answer(int count, params byte[][] certificates)
    {
        using var answer = new MemoryStream();
        WriteNumber(answer, count);
        foreach (byte[] certificate in certificates)
        {
            WriteNumber(answer, certificate.Length);
            answer.Write(certificate);
        }

        answer.Write("\r\n"u8);
        return answer.ToArray();
    }

    private static void WriteNumber(MemoryStream answer, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        answer.Write(bytes);
    }

    private static async Task<(List<byte[]> Certificates, Exception? Failure, long Bytes)> ReadAsync(
        Stream body, int maxCount = 3, int maxCertificateBytes = MaxCertificateBytes, long maxBytes = MaxBytes)
    {
        var answer = new HashQueryAnswer(body, maxCount, maxCertificateBytes, maxBytes);
        List<byte[]> certificates = [];
        Exception? failure = await Record.ExceptionAsync(async () =>
        {
            await foreach (ReadOnlyMemory<byte> certificate in answer.ReadAsync(Token))
                certificates.Add(certificate.ToArray());
        });
        return (certificates, failure, answer.Bytes);
    }
}
