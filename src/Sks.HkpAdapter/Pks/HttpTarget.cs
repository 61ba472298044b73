using System.Net;
using System.Net.Http.Json;
using Sks.HkpAdapter.Mail;
using Sks.Node;

namespace Sks.HkpAdapter.Pks;

/// <summary>A server that takes certificates over HTTP, one a request. Source: Hockeypuck 2.3.</summary>
internal sealed class HttpTarget : IPksTarget
{
    /// <summary>The header that tells servers from clients.</summary>
    public const string SenderHeader = "Pks-Sender";

    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(1);

    private readonly PksTargetName _name;
    private readonly HttpClient _client;

    /// <param name="name">One with a URL.</param>
    /// <param name="sender">This server's address.</param>
    public HttpTarget(PksTargetName name, string sender)
    {
        _name = name;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = AnswerTime / 2 })
        {
            Timeout = AnswerTime,
            MaxResponseContentBufferSize = 1 << 20,
        };
        _client.DefaultRequestHeaders.Add(SenderHeader, sender);
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("sksd");
    }

    /// <inheritdoc/>
    public string Name => _name.Text;

    /// <inheritdoc/>
    public int MaxCertificates => 1;

    /// <inheritdoc/>
    /// <remarks>Senders name themselves by their mail address or as operators write them.</remarks>
    public bool HasSeen(MailOrigin origin) =>
        origin.SeenBy.Append(origin.Sender).Any(seen =>
            string.Equals(seen, Name, StringComparison.OrdinalIgnoreCase) || string.Equals(seen, _name.Url!.Host, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public async Task SendAsync(IReadOnlyList<OutgoingCertificate> certificates, CancellationToken cancellationToken)
    {
        string armor = SyncMail.WriteArmor(certificates);
        using HttpContent body = _name.IsVks ? JsonContent.Create(new { keytext = armor }) : new FormUrlEncodedContent([new("keytext", armor)]);
        try
        {
            using HttpResponseMessage response = await _client.PostAsync(_name.Url, body, cancellationToken).ConfigureAwait(false);
            if ((int)response.StatusCode is >= 200 and < 300)
                return;
            string said = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"it answers {(int)response.StatusCode} {response.ReasonPhrase}");
            throw IsAboutCertificate(response.StatusCode) ? new MailRefusedException(said) : new IOException(said);
        }
        catch (HttpRequestException e)
        {
            throw new IOException(e.Message, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("it does not answer", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static bool IsAboutCertificate(HttpStatusCode status) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity;
}
